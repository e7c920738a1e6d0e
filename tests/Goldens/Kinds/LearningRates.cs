using System.Text.Json.Nodes;
using Octant.Training.Schedules;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Schedules: the learning rate of every step. Noise schedules of diffusion models are another kind.</summary>
static class LearningRates
{
    public static void Verify(Golden golden, Differences differences)
    {
        using var scope = NewDisposeScope();
        var rate = Math.Round(new GoldenTensors(golden.Tensors("inputs.safetensors"))["lr"].item<float>(), 8);
        var expected = new GoldenTensors(golden.Tensors("expected.safetensors"));
        foreach (var (name, options) in golden["cases"]!.AsObject())
        {
            differences.Variant = name;
            var schedule = Make(rate, options!.AsObject());
            var rates = expected[$"{name}.lr"];
            differences.Compare("lr", tensor(Enumerable.Range(0, (int)rates.size(0)).Select(step => (float)schedule.At(step)).ToArray()), rates);
        }
    }

    static ISchedule Make(double rate, JsonObject o)
    {
        int Steps(string key) => (int?)o[key] ?? 0;
        double Number(string key, double otherwise) => (double?)o[key] ?? otherwise;
        var (warmUp, total) = (Steps("num_warmup_steps"), Steps("num_training_steps"));
        return (string)o["schedule"]! switch
        {
            "get_constant_schedule_with_warmup" => new Constant(rate, warmUp),
            "get_linear_schedule_with_warmup" => new Linear(rate, total, warmUp),
            "get_cosine_schedule_with_warmup" or "get_cosine_with_min_lr_schedule_with_warmup" =>
                new Cosine(rate, total, warmUp, Number("min_lr_rate", 0), Number("num_cycles", 0.5)),
            "get_cosine_with_hard_restarts_schedule_with_warmup" => new CosineRestarts(rate, total, warmUp, Steps("num_cycles")),
            "get_polynomial_decay_schedule_with_warmup" => new Polynomial(rate, total, warmUp, Number("lr_end", 1e-7), Number("power", 1)),
            "get_inverse_sqrt_schedule" => new InverseSquareRoot(rate, warmUp, (int?)o["timescale"]),
            "get_wsd_schedule" => new WarmUpStableDecay(
                rate, warmUp, (int?)o["num_stable_steps"] ?? total - warmUp - Steps("num_decay_steps"), Steps("num_decay_steps"),
                Number("min_lr_ratio", 0), Curved("warmup_type", Curve.Linear), Curved("decay_type", Curve.Cosine)),
            "StepLR" => new Steps(rate, Steps("step_size"), Number("gamma", 0.1)),
            "MultiStepLR" => new Milestones(rate, [.. o["milestones"]!.AsArray().Select(step => (int)step!)], Number("gamma", 0.1)),
            "ExponentialLR" => new Exponential(rate, Number("gamma", 1)),
            "CosineAnnealingLR" => new CosineAnnealing(rate, Steps("T_max"), Number("eta_min", 0)),
            "CosineAnnealingWarmRestarts" => new CosineWarmRestarts(rate, Steps("T_0"), (int)Number("T_mult", 1), Number("eta_min", 0)),
            "OneCycleLR" => new OneCycle(Number("max_lr", 0), Steps("total_steps"), Number("pct_start", 0.3)),
            var name => throw new ArgumentException($"{name} is no schedule"),
        };
        Curve Curved(string key, Curve otherwise) => (string?)o[key] switch
        {
            "linear" => Curve.Linear,
            "cosine" => Curve.Cosine,
            "1-sqrt" => Curve.SquareRoot,
            _ => otherwise,
        };
    }
}
