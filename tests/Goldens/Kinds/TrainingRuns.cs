using Octant.Models;
using Octant.Models.Nn;
using Octant.Training;
using Octant.Training.Averaging;
using Octant.Training.Losses;
using Octant.Training.Optimizers;
using Octant.Training.Schedules;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Goldens.Kinds;

/// <summary>Whole training runs of decoders, gradients accumulated over micro-batches, and averages over steps.</summary>
static class TrainingRuns
{
    public static void Verify(Golden golden, Differences differences)
    {
        using var scope = NewDisposeScope();
        if (golden["cases"] is not null) Averages(golden, differences);
        else if (!golden.Has("config.json")) Assert.Skip($"{golden["reference"]}: no such training yet");
        else if ((string?)golden.Json("config.json")["model_type"] is var type && Architectures.All.All(known => known.ModelType != type))
            Assert.Skip($"{type}: no such architecture yet");
        else new Run(golden, differences).Verify();
    }

    static void Averages(Golden golden, Differences differences)
    {
        var weights = new GoldenTensors(golden.Tensors("inputs.safetensors"))["weights"];
        var expected = new GoldenTensors(golden.Tensors("expected.safetensors"));
        foreach (var (name, options) in golden["cases"]!.AsObject())
        {
            differences.Variant = name;
            double Number(string key, double otherwise = 0) => (double?)options![key] ?? otherwise;
            IDecay decay = options!["use_ema_warmup"] is not null ? new WarmedUp(Number("decay"), Number("inv_gamma", 1), Number("power"))
                : options["min_decay"] is not null ? new Growing(Number("decay"), Number("min_decay"))
                : options["decay"] is not null ? new Octant.Training.Averaging.Exponential(Number("decay"))
                : new Uniform();
            var parameter = new Parameter(weights[0].clone(), requires_grad: false);
            using var average = new MovingAverage(new Dictionary<string, Parameter> { ["w"] = parameter }, decay);
            var path = new List<Tensor>();
            for (var step = 1L; step < weights.size(0); step++)
            {
                parameter.copy_(weights[step]);
                average.Update();
                path.Add(average.Averages["w"].clone());
            }
            differences.Compare("average", stack(path), expected[$"{name}.average"]);
        }
    }

    sealed class Run(Golden golden, Differences differences)
    {
        readonly GoldenTensors inputs = new(golden.Tensors("inputs.safetensors"));
        readonly GoldenTensors expected = new(golden.Tensors("expected.safetensors"));

        public void Verify()
        {
            if (golden["options"] is null) Accumulate();
            else foreach (var recompute in (bool[])[false, true]) Train(recompute);
        }

        /// <summary>The mean gradient over the tokens of all micro-batches, by a step that moves nothing.</summary>
        void Accumulate()
        {
            using var checkpoint = Checkpoint.Open(golden.Folder, float32);
            var model = Architectures.Decoder(checkpoint);
            using var optimizer = new Sgd([new(checkpoint.Parameters)]);
            MicroBatch[] batches = [.. expected["tokens"].data<long>().Select((_, i) => Batch($"micro.{i}.", x => x))];
            var result = new TrainingStep(model, optimizer, new()).Run(batches);
            differences.Compare("tokens", result.Tokens, expected["tokens"].sum().item<long>());
            CompareGradients(checkpoint, "grad.");
            Compare("loss", result.Loss);
            Compare("grad_norm", result.GradientNorm);
            foreach (var (i, batch) in batches.Index())
            {
                var pass = new Pass { Present = batch.Present, Positions = batch.Positions };
                var sum = new LanguageModelLoss().Measure(model, model.Hidden(batch.Ids, pass), batch.Labels);
                differences.Compare($"tokens[{i}]", sum.Tokens, expected["tokens"][i].item<long>());
                differences.Compare($"loss_sum[{i}]", tensor((float)sum.CrossEntropy), expected["loss_sum"][i]);
            }
        }

        void Train(bool recompute)
        {
            differences.Variant = recompute ? "recomputed" : "";
            double Option(string key) => (double)golden["options"]![key]!;
            using var checkpoint = Checkpoint.Open(golden.Folder, float32);
            var model = Architectures.Decoder(checkpoint);
            var betas = golden["options"]!["betas"]!;
            using var optimizer = new AdamW(
                ParameterGroup.DecayMatrices(checkpoint.Parameters, Option("lr"), Option("weight_decay")),
                (double)betas[0]!, (double)betas[1]!, Option("eps"));
            // Of the first step unclipped gradients are wanted; its rate is 0.
            new TrainingStep(model, new Sgd([new(checkpoint.Parameters)]), new()) { Recompute = recompute }.Run([Batch("", x => x[0])]);
            CompareGradients(checkpoint, "first_grad.");

            var steps = (int)Option("steps");
            var schedule = new Cosine(Option("lr"), steps, (int)Option("warmup"), Option("min_lr_rate"));
            var training = new TrainingStep(model, optimizer, new()) { LargestNorm = Option("max_norm"), Recompute = recompute };
            var seen = new List<(StepResult Result, double Rate)>();
            for (var step = 0; step < steps; step++)
            {
                foreach (var group in optimizer.Groups) group.LearningRate = schedule.At(step);
                seen.Add((training.Run([Batch("", x => x[step])]), schedule.At(step)));
            }
            differences.Compare("loss", tensor(seen.Select(step => (float)step.Result.Loss).ToArray()), expected["loss"]);
            differences.Compare("grad_norm", tensor(seen.Select(step => (float)step.Result.GradientNorm).ToArray()), expected["grad_norm"]);
            differences.Compare("lr", tensor(seen.Select(step => (float)step.Rate).ToArray()), expected["lr"]);
            foreach (var (name, parameter) in checkpoint.Parameters) Compare($"final.{name}", parameter);
        }

        void CompareGradients(Checkpoint checkpoint, string prefix)
        {
            foreach (var (name, parameter) in checkpoint.Parameters) differences.Compare(prefix + name, parameter.grad!, expected[prefix + name]);
        }

        /// <summary>The reference's labels are the tokens themselves, and its positions count padding, too.</summary>
        MicroBatch Batch(string prefix, Func<Tensor, Tensor> choose)
        {
            var ids = choose(inputs[$"{prefix}input_ids"]);
            var last = full([ids.size(0), 1], CrossEntropy.Ignored, int64);
            return new()
            {
                Ids = ids,
                Labels = cat([choose(inputs[$"{prefix}labels"])[.., 1..], last], 1),
                Present = choose(inputs[$"{prefix}attention_mask"]),
                Positions = arange(ids.size(1)).unsqueeze(0),
            };
        }

        void Compare(string name, double found) => differences.Compare(name, tensor((float)found), expected[name]);

        void Compare(string name, Tensor found)
        {
            Tensor? mask = null;
            if (golden["not_compared"]?[name] is { } range)
            {
                mask = ones_like(found);
                mask.narrow(0, (long)range[0]!, (long)range[1]! - (long)range[0]!).zero_();
            }
            differences.Compare(name, found, expected[name], mask);
        }
    }
}
