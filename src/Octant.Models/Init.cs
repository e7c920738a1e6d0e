using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>How fresh weights are drawn: a shape and a source of randomness in, a float32 tensor out.</summary>
public sealed record Init(Func<long[], Generator, Tensor> Draw)
{
    /// <summary>All one.</summary>
    public static readonly Init Ones = new((shape, _) => ones(shape));

    /// <summary>All zero.</summary>
    public static readonly Init Zeros = new((shape, _) => zeros(shape));

    /// <summary>All the same.</summary>
    public static Init Constant(double value) => new((shape, _) => zeros(shape).Plus(value));

    /// <summary>Normally distributed around zero.</summary>
    public static Init Normal(double deviation) => new((shape, random) => randn(shape, generator: random).TimesInPlace(deviation));
}
