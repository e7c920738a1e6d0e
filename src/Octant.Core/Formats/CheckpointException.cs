namespace Octant.Formats;

/// <summary>A checkpoint (its tensors or its configuration) is damaged, or is not what a model needs.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : OctantException(message, inner);
