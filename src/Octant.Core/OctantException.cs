namespace Octant;

/// <summary>
/// Something that the user can mend: its message says what was wrong, where (file, tensor, line, JSON path) and what to do.
/// Programs print the message alone.
/// </summary>
public class OctantException(string message, Exception? inner = null) : Exception(message, inner);
