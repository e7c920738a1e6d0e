using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Losses;

/// <summary>How far numbers are from what they should be; the means over all elements.</summary>
public static class Regression
{
    /// <summary>d²</summary>
    public static Tensor MeanSquare(Tensor found, Tensor expected)
    {
        using var scope = NewDisposeScope();
        return (found - expected).Square().mean().MoveToOuterDisposeScope();
    }

    /// <summary>|d|</summary>
    public static Tensor MeanAbsolute(Tensor found, Tensor expected)
    {
        using var scope = NewDisposeScope();
        return (found - expected).abs().mean().MoveToOuterDisposeScope();
    }

    /// <summary>d²/2β where |d| is below β, |d| - β/2 beyond (Girshick 2015, arXiv:1504.08083, equation 3).</summary>
    public static Tensor SmoothAbsolute(Tensor found, Tensor expected, double beta = 1)
    {
        using var scope = NewDisposeScope();
        var distance = (found - expected).abs();
        return where(distance.IsBelow(beta), distance.Square().Over(2 * beta), distance.Plus(-beta / 2)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>d²/2 where |d| is below δ, δ (|d| - δ/2) beyond (Huber 1964).</summary>
    public static Tensor Huber(Tensor found, Tensor expected, double delta = 1)
    {
        using var scope = NewDisposeScope();
        return SmoothAbsolute(found, expected, delta).Times(delta).MoveToOuterDisposeScope();
    }
}
