namespace Octant.Data;

/// <summary>Texts, token files or the way they are to be read are not as they must be.</summary>
public sealed class DatasetException(string message, Exception? inner = null) : OctantException(message, inner);
