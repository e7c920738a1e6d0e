namespace Octant.Training.Averaging;

/// <summary>How much of an average stays at each update, as a pure function of the update's number.</summary>
public interface IDecay
{
    /// <summary>The share that stays.</summary>
    /// <param name="update">the first is 0, at which nothing stays</param>
    double At(long update);
}

/// <summary>The same share always: an exponential average, as torch.optim.swa_utils has it.</summary>
/// <param name="Decay">the share</param>
public sealed record Exponential(double Decay) : IDecay
{
    /// <inheritdoc/>
    public double At(long update) => update == 0 ? 0 : Decay;
}

/// <summary>All updates count alike (stochastic weight averaging, Izmailov et al. 2018, arXiv:1803.05407).</summary>
public sealed record Uniform : IDecay
{
    /// <inheritdoc/>
    public double At(long update) => update / (update + 1.0);
}

/// <summary>An exponential average that forgets its first steps faster: (1 + s) / (10 + s), as diffusers has it.</summary>
/// <param name="Decay">the largest share</param>
/// <param name="Least">the smallest, but for the first update</param>
public sealed record Growing(double Decay, double Least = 0) : IDecay
{
    /// <inheritdoc/>
    public double At(long update) => update == 0 ? 0 : Math.Max(Least, Math.Min(Decay, (1.0 + update) / (10.0 + update)));
}

/// <summary>The same with a power: 1 - (1 + s / γ)^-p, as diffusers has it with warm-up.</summary>
/// <param name="Decay">the largest share</param>
/// <param name="InverseGamma">γ; 1 by default</param>
/// <param name="Power">p: 2/3 for a million steps, 3/4 for fewer</param>
/// <param name="Least">the smallest, but for the first update</param>
public sealed record WarmedUp(double Decay, double InverseGamma = 1, double Power = 2 / 3.0, double Least = 0) : IDecay
{
    /// <inheritdoc/>
    public double At(long update) =>
        update == 0 ? 0 : Math.Max(Least, Math.Min(Decay, 1 - Math.Pow(1 + update / InverseGamma, -Power)));
}
