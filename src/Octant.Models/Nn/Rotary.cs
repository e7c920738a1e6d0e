using Octant.Configs;
using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>Rotary position embedding (Su et al. 2021, arXiv:2104.09864), the pairs half a head apart.</summary>
/// <param name="c">base and scaling</param>
/// <param name="headSize">E</param>
/// <param name="context">the config's max_position_embeddings</param>
/// <param name="frequencies">[E/2] float32, those of short sequences</param>
public sealed class Rotary(RotaryConfig c, int headSize, int context, Tensor frequencies)
{
    readonly double magnitude = c.Magnitude(context);

    /// <summary>The rotation of each position, made once a pass for all layers.</summary>
    /// <param name="positions">[B, T] int64; of one sequence a row, whose longest decides for all where the base grows</param>
    public Rotation At(Tensor positions)
    {
        var angles = positions.unsqueeze(-1) * FrequenciesAt(positions);        // [B, T, E/2]
        angles = cat([angles, angles], -1).unsqueeze(1);                        // [B, 1, T, E]
        var (cos, sin) = (angles.cos(), angles.sin());
        return magnitude == 1 ? new(cos, sin) : new(cos.Times(magnitude), sin.Times(magnitude));
    }

    // The reference also remembers the longest sequence that it has ever seen; here a sequence depends on itself alone.
    Tensor FrequenciesAt(Tensor positions)
    {
        if (!c.DependsOnLength) return frequencies;
        var length = (long)positions.max().Number() + 1;
        return length <= context ? frequencies : tensor(c.Frequencies(headSize, context, length), device: positions.device);
    }
}

/// <summary>Cosines and sines of the angles by which heads turn.</summary>
/// <param name="cos">[B, 1, T, E] float32</param>
/// <param name="sin">[B, 1, T, E] float32</param>
public sealed class Rotation(Tensor cos, Tensor sin)
{
    /// <summary>Turns every head, and returns it in its own type.</summary>
    /// <param name="x">[B, heads, T, E]</param>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        var halves = x.chunk(2, -1);
        return (x * cos).Plus(cat([-halves[1], halves[0]], -1) * sin).As(x).MoveToOuterDisposeScope();
    }

    /// <summary>Rotations of sequences that lie side by side in one row.</summary>
    internal static Rotation Beside(IReadOnlyList<Rotation> rotations) => rotations.Count == 1
        ? rotations[0]
        : new(cat([.. rotations.Select(r => r.Cos)], 2), cat([.. rotations.Select(r => r.Sin)], 2));

    Tensor Cos => cos;

    Tensor Sin => sin;
}
