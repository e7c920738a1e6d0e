using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>What most optimisers are made of.</summary>
static class Moments
{
    /// <summary>average ← decay · average + (1 - decay) · x</summary>
    public static Tensor Follow(this Tensor average, Tensor x, double decay) => average.TimesInPlace(decay).PlusInPlace(x, 1 - decay);

    /// <summary>average ← decay · average + (1 - decay) · x²</summary>
    public static Tensor FollowSquare(this Tensor average, Tensor x, double decay) =>
        average.TimesInPlace(decay).PlusProductInPlace(x, x, 1 - decay);

    /// <summary>g + λ θ: decay as part of the gradient (L2), where adaptive optimisers scale it like the rest.</summary>
    public static Tensor WithL2(this Tensor gradient, Tensor parameter, double weightDecay) =>
        weightDecay == 0 ? gradient : gradient.Plus(parameter, weightDecay);

    /// <summary>θ ← (1 - η λ) θ: decay beside the gradient (Loshchilov and Hutter 2019, arXiv:1711.05101).</summary>
    public static void DecayBy(this Tensor parameter, double amount)
    {
        if (amount != 0) parameter.TimesInPlace(1 - amount);
    }

    /// <summary>√(mean(x²))</summary>
    public static double RootMeanSquare(this Tensor x) => x.norm().Number() / Math.Sqrt(x.numel());
}
