using Octant.Constraints.Grammars;

namespace Octant.Constraints.Tokens;

/// <summary>A constraint together with a vocabulary, and what was found out of the two: shared by all texts, one after the other.</summary>
sealed class BoundConstraint
{
    readonly Lock gate = new();
    readonly Recognizer recognizer;
    readonly TokenMasks masks;
    readonly ShortestEnd ends;
    readonly byte[]?[] bytes;

    public BoundConstraint(ByteGrammar grammar, TokenVocabulary vocabulary)
    {
        recognizer = new(grammar);
        (masks, ends, bytes) = (new(recognizer, vocabulary), new(recognizer, vocabulary), vocabulary.Texts);
        if (ends.Tokens(recognizer.Start) is null)
            throw new ConstraintException(ends.Bytes(recognizer.Start) is >= Tokens.ShortestEnd.LongestEnd and < Tokens.ShortestEnd.Never and var least
                ? $"The shortest text that satisfies the constraint has {least} bytes, more than the {Tokens.ShortestEnd.LongestEnd} that are looked ahead."
                : "No text that satisfies the constraint can be said with the model's tokens.");
    }

    public Configuration Start => recognizer.Start;

    public ulong[] Mask(Configuration configuration)
    {
        lock (gate) return masks.Of(configuration);
    }

    /// <summary>Where a token leads; null where it is not allowed.</summary>
    public Configuration? After(Configuration configuration, int token)
    {
        if ((uint)token >= (uint)bytes.Length || bytes[token] is not { } text) return null;
        lock (gate)
        {
            foreach (var value in text) configuration = recognizer.Step(configuration, value);
            return configuration.IsDead ? null : configuration;
        }
    }

    /// <summary>Whether a text can be ended with so many tokens more.</summary>
    public bool CanEndWithin(Configuration configuration, int tokens)
    {
        lock (gate) return ends.IsWithin(configuration, tokens);
    }

    /// <summary>The fewest tokens to an end, at least one; null where nothing can follow.</summary>
    public IReadOnlyList<int>? ShortestWay(Configuration configuration)
    {
        lock (gate) return ends.Tokens(configuration, least: 1);
    }

    public IReadOnlyList<int>? ShortestEnd(Configuration configuration)
    {
        lock (gate) return ends.Tokens(configuration);
    }
}
