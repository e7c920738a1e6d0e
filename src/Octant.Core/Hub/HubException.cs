namespace Octant.Hub;

/// <summary>A model cannot be found or fetched; the message is one line that says which, why and what to do.</summary>
public sealed class HubException(string message, Exception? inner = null) : OctantException(message, inner);
