using Octant.Generation;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>
/// A decoder as the decoding loop wants it. Sequences of different lengths lie side by side in one row, so that a step multiplies
/// every matrix once; only attention, which looks into each one's own cache, is done one by one.
/// </summary>
public sealed class TorchLanguageModel : ILanguageModel
{
    /// <summary>Tokens whose temporaries are worth the time that it takes to give them back.</summary>
    const int LongPrompt = 128;

    readonly Checkpoint checkpoint;
    readonly IDecoder decoder;
    bool disposed;

    /// <param name="checkpoint">is disposed of with this</param>
    /// <param name="decoder">built on it</param>
    public TorchLanguageModel(Checkpoint checkpoint, IDecoder decoder) => (this.checkpoint, this.decoder) = (checkpoint, decoder);

    /// <summary>Opens a checkpoint of any architecture that generates text.</summary>
    /// <param name="path">a folder in the Hugging Face layout, or a GGUF file</param>
    /// <param name="type">what its numbers are converted to; what this processor is fastest in when null</param>
    public static TorchLanguageModel Open(string path, ScalarType? type = null)
    {
        var checkpoint = Checkpoint.Open(path, type ?? NumberType.Fastest);
        try
        {
            return new(checkpoint, Architectures.Decoder(checkpoint));
        }
        catch (Exception)
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>The model itself, for who wants tensors.</summary>
    public IDecoder Decoder => decoder;

    /// <inheritdoc/>
    public ModelShape Shape => decoder.Shape;

    /// <inheritdoc/>
    public ISequence Open() => new Sequence(new DecodingCache());

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<Slice> batch, Span<float> logits)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Check(batch, logits.Length);
        Compute(batch, logits);
        if (batch[0].Ids.Length >= LongPrompt) NativeMemory.Trim();
    }

    void Compute(ReadOnlySpan<Slice> batch, Span<float> logits)
    {
        using var _ = inference_mode();
        using var scope = NewDisposeScope();
        var ids = tensor(Ids(batch)).unsqueeze(0);                              // [1, T]
        Tensor hidden;
        try
        {
            hidden = decoder.Hidden(ids, new Pass { Segments = Segments(batch) }).squeeze(0);   // [T, D]
        }
        catch (Exception)
        {
            // Some layers have appended, others not: back to where every one is alike.
            foreach (var slice in batch) CacheOf(slice).Truncate(CacheOf(slice).Length);
            throw;
        }
        if (ScoredPositions(batch) is not { Length: > 0 } scored) return;
        var scores = decoder.Logits(hidden.index_select(0, tensor(scored))).to_type(float32);   // [positions, V]
        scores.data<float>().CopyTo(logits[..(scored.Length * Shape.Vocabulary)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        checkpoint.Dispose();
    }

    static DecodingCache CacheOf(Slice slice) => ((Sequence)slice.Sequence).Cache;

    static List<Segment> Segments(ReadOnlySpan<Slice> batch)
    {
        var segments = new List<Segment>(batch.Length);
        foreach (var slice in batch) segments.Add(new(slice.Ids.Length, CacheOf(slice)));
        return segments;
    }

    static long[] Ids(ReadOnlySpan<Slice> batch)
    {
        var ids = new List<long>();
        foreach (var slice in batch)
            foreach (var id in slice.Ids.Span) ids.Add(id);
        return [.. ids];
    }

    static long[] ScoredPositions(ReadOnlySpan<Slice> batch)
    {
        var positions = new List<long>();
        var end = 0L;
        foreach (var slice in batch)
        {
            end += slice.Ids.Length;
            for (var i = slice.Positions; i > 0; i--) positions.Add(end - i);
        }
        return [.. positions];
    }

    void Check(ReadOnlySpan<Slice> batch, int room)
    {
        if (batch.Length == 0) throw new ArgumentException("There is nothing to step.", nameof(batch));
        var positions = 0;
        var sequences = new HashSet<DecodingCache>(batch.Length);
        foreach (var slice in batch)
        {
            if (!sequences.Add(CacheOf(slice)))
                throw new ArgumentException("A sequence is in the batch twice: join its slices.", nameof(batch));
            if (slice.Ids.Length == 0) throw new ArgumentException("A slice has no ids.", nameof(batch));
            var length = slice.Sequence.Length + slice.Ids.Length;
            if (length > Shape.Context)
                throw new OctantException($"The sequence would have {length} tokens, the model's context holds {Shape.Context}.");
            foreach (var id in slice.Ids.Span)
                if ((uint)id >= (uint)Shape.Vocabulary)
                    throw new OctantException($"The id {id} is outside the model's vocabulary of {Shape.Vocabulary}.");
            positions += slice.Positions;
        }
        if (positions > room / Shape.Vocabulary) throw new ArgumentException($"{positions} positions are scored, {room} numbers fit.", nameof(batch));
    }

    sealed class Sequence(DecodingCache cache) : ISequence
    {
        bool disposed;

        public DecodingCache Cache
        {
            get
            {
                ObjectDisposedException.ThrowIf(disposed, typeof(ISequence));
                return cache;
            }
        }

        public int Length => (int)cache.Length;

        public bool CanTruncateTo(int length) => length >= 0 && length <= Length;

        public void Truncate(int length) => cache.Truncate(length);

        public ISequence Fork(int length) => new Sequence(Cache.Fork(length));

        public void Dispose()
        {
            disposed = true;
            cache.Dispose();
        }
    }
}
