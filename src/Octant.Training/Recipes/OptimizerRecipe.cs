using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Octant.Training.Optimizers;
using Octant.Training.Schedules;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Recipes;

/// <summary>What moves the weights.</summary>
/// <param name="LearningRate">the highest of the schedule</param>
/// <param name="Name">
/// adamw, adam, adamax, nadam, radam, sgd, rmsprop, adagrad, adadelta, adafactor, lion, lamb, or muon (matrices; adamw for the rest)
/// </param>
/// <param name="WeightDecay">how strongly matrices are drawn towards zero; vectors are not</param>
/// <param name="Beta1">how much of the mean gradient stays a step; the optimiser's own when left out</param>
/// <param name="Beta2">how much of its mean square stays a step; the optimiser's own when left out</param>
/// <param name="Eps">added to its root; the optimiser's own when left out</param>
/// <param name="Momentum">of sgd and rmsprop (none unless given), and of muon (0.95 unless given)</param>
public sealed record OptimizerRecipe(
    [Range(0, double.MaxValue, MinimumIsExclusive = true)] double LearningRate,
    OptimizerName Name = OptimizerName.AdamW,
    [Range(0, double.MaxValue)] double WeightDecay = 0.1,
    [Range(0, 1, MaximumIsExclusive = true)] double? Beta1 = null,
    [Range(0, 1, MaximumIsExclusive = true)] double? Beta2 = null,
    [Range(0, double.MaxValue)] double? Eps = null,
    [Range(0, 1, MaximumIsExclusive = true)] double? Momentum = null)
{
    /// <summary>The optimiser of a model's parameters, without memory.</summary>
    /// <param name="parameters">of the model</param>
    /// <param name="type">what is computed in; only Muon multiplies matrices</param>
    internal IOptimizer Create(IReadOnlyDictionary<string, Parameter> parameters, ScalarType type)
    {
        var groups = ParameterGroup.DecayMatrices(parameters, LearningRate, WeightDecay);
        var (beta1, beta2, eps) = (Beta1 ?? 0.9, Beta2 ?? 0.999, Eps ?? 1e-8);
        return Name switch
        {
            OptimizerName.AdamW => new AdamW(groups, beta1, beta2, eps),
            OptimizerName.Adam => new Adam(groups, beta1, beta2, eps),
            OptimizerName.Adamax => new Adamax(groups, beta1, beta2, eps),
            OptimizerName.NAdam => new NAdam(groups, beta1, beta2, eps),
            OptimizerName.RAdam => new RAdam(groups, beta1, beta2, eps),
            OptimizerName.Sgd => new Sgd(groups, Momentum ?? 0),
            OptimizerName.RmsProp => new RmsProp(groups, eps: eps, momentum: Momentum ?? 0),
            OptimizerName.Adagrad => new Adagrad(groups, eps: Eps ?? 1e-10),
            OptimizerName.Adadelta => new Adadelta(groups, eps: Eps ?? 1e-6),
            // A rate is given, so it is the group's own.
            OptimizerName.Adafactor => new Adafactor(groups, scaleParameter: false, relativeStep: false),
            OptimizerName.Lion => new Lion(groups, beta1, Beta2 ?? 0.99),
            OptimizerName.Lamb => new Lamb(groups, beta1, beta2, Eps ?? 1e-6),
            OptimizerName.Muon => WithMuon(parameters, type, beta1, beta2, eps),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Muon for what is multiplied with, AdamW for embeddings, the head and vectors.</summary>
    Combined WithMuon(IReadOnlyDictionary<string, Parameter> parameters, ScalarType type, double beta1, double beta2, double eps)
    {
        var inner = parameters.Where(named => named.Value.dim() == 2 && !IsVocabulary(named.Key)).ToDictionary();
        var rest = parameters.Where(named => !inner.ContainsKey(named.Key)).ToDictionary();
        return new(
            new Muon([new(inner) { LearningRate = LearningRate, WeightDecay = WeightDecay }], Momentum ?? 0.95, matchAdamW: true, type: type),
            new AdamW(ParameterGroup.DecayMatrices(rest, LearningRate, WeightDecay), beta1, beta2, eps));
    }

    static bool IsVocabulary(string name) =>
        name.Contains("embed", StringComparison.Ordinal) || name.Contains("wte", StringComparison.Ordinal)
        || name.Contains("wpe", StringComparison.Ordinal) || name.Contains("lm_head", StringComparison.Ordinal);

    /// <summary>The keys that this optimiser has no use for.</summary>
    internal IEnumerable<string> Lacks()
    {
        var hasMeans = Name is not (OptimizerName.Sgd or OptimizerName.RmsProp or OptimizerName.Adagrad or OptimizerName.Adadelta
            or OptimizerName.Adafactor);
        if (!hasMeans) yield return "beta1";
        if (!hasMeans) yield return "beta2";
        if (Name is OptimizerName.Sgd or OptimizerName.Lion or OptimizerName.Adafactor) yield return "eps";
        if (Name is not (OptimizerName.Sgd or OptimizerName.RmsProp or OptimizerName.Muon)) yield return "momentum";
    }
}

/// <summary>Which optimiser.</summary>
public enum OptimizerName
{
    /// <summary><see cref="Optimizers.AdamW"/>, fused.</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary><see cref="Optimizers.Adam"/></summary>
    Adam,

    /// <summary><see cref="Optimizers.Adamax"/></summary>
    Adamax,

    /// <summary><see cref="Optimizers.NAdam"/></summary>
    [JsonStringEnumMemberName("nadam")]
    NAdam,

    /// <summary><see cref="Optimizers.RAdam"/></summary>
    [JsonStringEnumMemberName("radam")]
    RAdam,

    /// <summary><see cref="Optimizers.Sgd"/></summary>
    Sgd,

    /// <summary><see cref="Optimizers.RmsProp"/></summary>
    [JsonStringEnumMemberName("rmsprop")]
    RmsProp,

    /// <summary><see cref="Optimizers.Adagrad"/></summary>
    Adagrad,

    /// <summary><see cref="Optimizers.Adadelta"/></summary>
    Adadelta,

    /// <summary><see cref="Optimizers.Adafactor"/>, with the rate of the schedule.</summary>
    Adafactor,

    /// <summary><see cref="Optimizers.Lion"/></summary>
    Lion,

    /// <summary><see cref="Optimizers.Lamb"/></summary>
    Lamb,

    /// <summary><see cref="Optimizers.Muon"/> for the matrices inside, <see cref="Optimizers.AdamW"/> for the rest.</summary>
    Muon,
}

/// <summary>How the learning rate goes over the steps.</summary>
/// <param name="Name">constant, linear, cosine, cosine_restarts, inverse_square_root, polynomial, one_cycle or warm_up_stable_decay</param>
/// <param name="WarmUp">steps until the full rate is reached</param>
/// <param name="Least">the share of the rate at the end, of cosine and warm_up_stable_decay</param>
/// <param name="Decay">steps of the fall at the end, of warm_up_stable_decay; a tenth of all steps by default</param>
/// <param name="Cycles">half waves of cosine_restarts</param>
/// <param name="Power">of polynomial</param>
public sealed record ScheduleRecipe(
    ScheduleName Name = ScheduleName.Cosine,
    [Range(0, int.MaxValue)] int WarmUp = 0,
    [Range(0, 1)] double Least = 0.1,
    [Range(1, int.MaxValue)] int? Decay = null,
    [Range(1, int.MaxValue)] int Cycles = 1,
    [Range(0, 100)] double Power = 1)
{
    /// <summary>The keys that this schedule has no use for.</summary>
    internal IEnumerable<string> Lacks()
    {
        if (Name is ScheduleName.OneCycle) yield return "warm_up";
        if (Name is not (ScheduleName.Cosine or ScheduleName.WarmUpStableDecay)) yield return "least";
        if (Name is not ScheduleName.WarmUpStableDecay) yield return "decay";
        if (Name is not ScheduleName.CosineRestarts) yield return "cycles";
        if (Name is not ScheduleName.Polynomial) yield return "power";
    }

    /// <summary>The rates of a run.</summary>
    internal ISchedule Create(double rate, int steps)
    {
        var decay = Decay ?? Math.Max(1, steps / 10);
        return Name switch
        {
            ScheduleName.Constant => new Constant(rate, WarmUp),
            ScheduleName.Linear => new Linear(rate, steps, WarmUp),
            ScheduleName.Cosine => new Cosine(rate, steps, WarmUp, Least),
            ScheduleName.CosineRestarts => new CosineRestarts(rate, steps, WarmUp, Cycles),
            ScheduleName.InverseSquareRoot => new InverseSquareRoot(rate, WarmUp),
            ScheduleName.Polynomial => new Polynomial(rate, steps, WarmUp, Math.Min(1e-7, rate / 2), Power),
            ScheduleName.OneCycle => new OneCycle(rate, steps),
            ScheduleName.WarmUpStableDecay => new WarmUpStableDecay(rate, WarmUp, Math.Max(0, steps - WarmUp - decay), decay, Least),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}

/// <summary>Which schedule.</summary>
public enum ScheduleName
{
    /// <summary><see cref="Schedules.Constant"/></summary>
    Constant,

    /// <summary><see cref="Schedules.Linear"/></summary>
    Linear,

    /// <summary><see cref="Schedules.Cosine"/></summary>
    Cosine,

    /// <summary><see cref="Schedules.CosineRestarts"/></summary>
    CosineRestarts,

    /// <summary><see cref="Schedules.InverseSquareRoot"/></summary>
    InverseSquareRoot,

    /// <summary><see cref="Schedules.Polynomial"/></summary>
    Polynomial,

    /// <summary><see cref="Schedules.OneCycle"/></summary>
    OneCycle,

    /// <summary><see cref="Schedules.WarmUpStableDecay"/></summary>
    WarmUpStableDecay,
}
