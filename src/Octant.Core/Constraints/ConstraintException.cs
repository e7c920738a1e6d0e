namespace Octant.Constraints;

/// <summary>A schema, a grammar or an expression that cannot be enforced: says what, where, and why.</summary>
public sealed class ConstraintException(string message, Exception? inner = null) : OctantException(message, inner);
