using Octant.Generation;

namespace Octant.Core.Tests.Generation;

/// <summary>A model without weights: its scores are a hash of all that a sequence has seen, so that every mistake shows.</summary>
sealed class FakeModel(int vocabulary = 50, int context = 2000) : ILanguageModel
{
    /// <summary>Ids of each slice of each step.</summary>
    public List<List<int[]>> Steps { get; } = [];

    /// <summary>Sequences that are open.</summary>
    public int Open { get; private set; }

    /// <summary>Whether sequences can go back, as those of attention can.</summary>
    public bool Truncates { get; init; } = true;

    public ModelShape Shape { get; } = new(vocabulary, context, 1, 1);

    ISequence ILanguageModel.Open() => new Sequence(this, []);

    public void Step(ReadOnlySpan<Slice> batch, Span<float> logits)
    {
        var step = new List<int[]>();
        var scored = 0;
        foreach (var slice in batch)
        {
            var seen = ((Sequence)slice.Sequence).Seen;
            if (seen.Count + slice.Ids.Length > context) throw new OctantException("The context is full.");
            step.Add(slice.Ids.ToArray());
            foreach (var (i, id) in slice.Ids.ToArray().Index())
            {
                seen.Add(id);
                if (slice.Scored == Scored.All || (slice.Scored == Scored.Last && i == slice.Ids.Length - 1))
                    Scores(seen).CopyTo(logits[(scored++ * vocabulary)..]);
            }
        }
        Steps.Add(step);
    }

    /// <summary>The scores that follow some ids.</summary>
    public float[] Scores(IEnumerable<int> seen)
    {
        var hash = seen.Aggregate(17u, (hash, id) => (hash ^ (uint)id) * 2654435761u + 12345);
        return [.. Enumerable.Range(0, vocabulary).Select(id => (hash ^ (uint)id) * 2246822519u % 1000 / 100f)];
    }

    public void Dispose() { }

    sealed class Sequence : ISequence
    {
        readonly FakeModel model;

        public Sequence(FakeModel model, IEnumerable<int> seen)
        {
            (this.model, Seen) = (model, [.. seen]);
            model.Open++;
        }

        public List<int> Seen { get; }

        public int Length => Seen.Count;

        public bool CanTruncateTo(int length) => length == Length || (model.Truncates && length < Length);

        public void Truncate(int length)
        {
            Assert.True(CanTruncateTo(length));
            Seen.RemoveRange(length, Length - length);
        }

        public ISequence Fork(int length) => new Sequence(model, Seen.Take(length));

        public void Dispose() => model.Open--;
    }
}
