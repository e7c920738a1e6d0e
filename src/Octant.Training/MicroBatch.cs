using static TorchSharp.torch;

namespace Octant.Training;

/// <summary>What goes through the model at once; a step may take several.</summary>
public sealed class MicroBatch
{
    /// <summary>[B, T] int64</summary>
    public required Tensor Ids { get; init; }

    /// <summary>[B, T] int64, the token that follows each, not the token itself; -100 where none counts.</summary>
    public required Tensor Labels { get; init; }

    /// <summary>[B, T], 1 for a token and 0 for padding; null when nothing is padded.</summary>
    public Tensor? Present { get; init; }

    /// <summary>[B, T] or [1, T]; when null a row's positions count its tokens.</summary>
    public Tensor? Positions { get; init; }
}
