using System.Text.Json.Nodes;
using Octant.Training.Optimizers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Goldens.Kinds;

/// <summary>Optimisers: the path of every parameter under given gradients, and the same path interrupted and resumed.</summary>
static class Optimizers
{
    public static void Verify(Golden golden, Differences differences)
    {
        using var scope = NewDisposeScope();
        var inputs = new GoldenTensors(golden.Tensors("inputs.safetensors"));
        var expected = new GoldenTensors(golden.Tensors("expected.safetensors"));
        foreach (var (name, options) in golden["cases"]!.AsObject())
        {
            differences.Variant = name;
            var paths = expected.Names.Where(key => key.StartsWith($"{name}.", StringComparison.Ordinal)).ToDictionary(key => key[(name.Length + 1)..]);
            foreach (var (part, path) in Paths(inputs, [.. paths.Keys], options!.AsObject()))
                differences.Compare(part, path, expected[paths[part]], null, (double?)options["tolerance"]);
        }
    }

    /// <summary>Where each parameter is after every step, [steps, ...]; in the middle the optimiser is saved and made anew.</summary>
    static IEnumerable<(string Part, Tensor Path)> Paths(GoldenTensors inputs, string[] parts, JsonObject options)
    {
        var parameters = parts.ToDictionary(part => part, part => new Parameter(inputs[$"param.{part}"].clone()));
        var path = parts.ToDictionary(part => part, _ => new List<Tensor>());
        var optimizer = Make(parameters, options);
        for (var step = 0L; step < inputs[$"grad.{parts[0]}"].size(0); step++)
        {
            if (step == 3) optimizer = Resume(optimizer, parameters, options);
            foreach (var (part, parameter) in parameters) parameter.grad = inputs[$"grad.{part}"][step].clone();
            optimizer.Step();
            foreach (var (part, parameter) in parameters) path[part].Add(parameter.detach().clone());
        }
        optimizer.Dispose();
        return path.Select(named => (named.Key, stack(named.Value)));
    }

    static IOptimizer Resume(IOptimizer running, Dictionary<string, Parameter> parameters, JsonObject options)
    {
        var resumed = Make(parameters, options);
        resumed.Load(running.Save());
        running.Dispose();
        return resumed;
    }

    static IOptimizer Make(Dictionary<string, Parameter> parameters, JsonObject o)
    {
        var name = (string)o["optimizer"]!;
        double Number(string key, double otherwise) => (double?)o[key] ?? otherwise;
        bool Is(string key, bool otherwise = false) => (bool?)o[key] ?? otherwise;
        var (beta1, beta2) = o["betas"] is JsonArray betas ? ((double)betas[0]!, (double)betas[1]!) : (0.9, name == "Lion" ? 0.99 : 0.999);
        ParameterGroup[] groups =
        [
            new(parameters)
            {
                LearningRate = Number("lr", 0),
                WeightDecay = Number("weight_decay", name switch { "torch.AdamW" => 0.01, "torch.Muon" or "MuonFloat32" => 0.1, _ => 0 }),
            },
        ];
        return name switch
        {
            "torch.SGD" => new Sgd(groups, Number("momentum", 0), Number("dampening", 0), Is("nesterov")),
            "torch.Adam" => new Adam(groups, beta1, beta2, Number("eps", 1e-8), Is("amsgrad")),
            "torch.AdamW" => new AdamW(groups, beta1, beta2, Number("eps", 1e-8)),
            "torch.Adamax" => new Adamax(groups, beta1, beta2, Number("eps", 1e-8)),
            "torch.NAdam" => new NAdam(groups, beta1, beta2, Number("eps", 1e-8), Number("momentum_decay", 4e-3)),
            "torch.RAdam" => new RAdam(groups, beta1, beta2, Number("eps", 1e-8)),
            "torch.RMSprop" => new RmsProp(groups, Number("alpha", 0.99), Number("eps", 1e-8), Number("momentum", 0), Is("centered")),
            "torch.Adagrad" => new Adagrad(groups, Number("lr_decay", 0), Number("initial_accumulator_value", 0), Number("eps", 1e-10)),
            "torch.Adadelta" => new Adadelta(groups, Number("rho", 0.9), Number("eps", 1e-6)),
            "torch.Adafactor" => new TorchAdafactor(groups),
            "transformers.Adafactor" => new Adafactor(
                groups, clip: Number("clip_threshold", 1), decayRate: Number("decay_rate", -0.8), beta1: (double?)o["beta1"],
                scaleParameter: Is("scale_parameter", true), relativeStep: Is("relative_step", true), warmUp: Is("warmup_init")),
            "Lion" => new Lion(groups, beta1, beta2),
            "torch.Muon" or "MuonFloat32" => new Muon(
                groups, Number("momentum", 0.95), Is("nesterov", true), (string?)o["adjust_lr_fn"] == "match_rms_adamw",
                name == "MuonFloat32" ? float32 : bfloat16),
            _ => throw new ArgumentException($"{name} is no optimizer"),
        };
    }
}
