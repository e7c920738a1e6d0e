namespace Octant.Training.Runs;

/// <summary>A run cannot begin, or cannot go on.</summary>
public sealed class RunException(string message, Exception? inner = null) : OctantException(message, inner);
