using Octant.Constraints;

namespace Octant;

/// <summary>The schemas that were used last, compiled, with all that was learnt of a vocabulary while they were used.</summary>
sealed class ConstraintCache(int capacity)
{
    /// <summary>That of all chats: a program asks for the same again and again.</summary>
    public static ConstraintCache Shared { get; } = new(16);

    readonly Lock gate = new();
    readonly LinkedList<(string Schema, Constraint Constraint)> recent = [];

    /// <exception cref="ConstraintException">the schema cannot be enforced</exception>
    public Constraint Find(string schema)
    {
        lock (gate)
        {
            for (var node = recent.First; node is not null; node = node.Next)
                if (node.Value.Schema == schema)
                {
                    recent.Remove(node);
                    recent.AddFirst(node);
                    return node.Value.Constraint;
                }
        }
        var compiled = Constraint.FromJsonSchema(schema);
        lock (gate)
        {
            recent.AddFirst((schema, compiled));
            if (recent.Count > capacity) recent.RemoveLast();
        }
        return compiled;
    }
}
