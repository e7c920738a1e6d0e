using Octant.Models;
using Octant.Testing;
using Octant.Training.Averaging;
using Octant.Training.Losses;
using Octant.Training.Optimizers;
using static TorchSharp.torch;

namespace Octant.Training.Tests;

public sealed class TrainingStepTests
{
    [Fact]
    public void Micro_batches_with_different_numbers_of_tokens_equal_the_whole_batch()
    {
        using var scope = NewDisposeScope();
        var (few, many) = (TinyModel.Batch(2, 8, masked: 6, seed: 1), TinyModel.Batch(3, 8, seed: 2));
        MicroBatch whole = new() { Ids = cat([few.Ids, many.Ids]), Labels = cat([few.Labels, many.Labels]) };
        using var once = new Trained();
        using var parts = new Trained();
        var expected = once.Step().Run([whole]);
        var found = parts.Step().Run([few, many]);
        Assert.Equal(2 * 2 + 3 * 8, found.Tokens);
        Assert.Equal(expected.Loss, found.Loss, 1e-6);
        Assert.Equal(expected.GradientNorm, found.GradientNorm, 1e-5);
        once.AssertEqual(parts, 1e-5);
    }

    [Fact]
    public void Two_processes_with_half_the_batch_each_take_the_step_of_the_whole()
    {
        using var scope = NewDisposeScope();
        MicroBatch[] halves = [TinyModel.Batch(2, 8, masked: 6, seed: 1), TinyModel.Batch(3, 8, seed: 2)];
        using var one = new Trained();
        var expected = one.Step().Run(halves);

        // The other process's sums are known beforehand; what this one brings is added to them.
        using var other = new Trained();
        Tensor[] its = [];
        other.Step(sum: tensors => its = [.. tensors.Select(tensor => tensor.clone().DetachFromDisposeScope())]).Run([halves[1]]);
        using var found = new Trained();
        var result = found.Step(sum: tensors =>
        {
            foreach (var (mine, theirs) in tensors.Zip(its))
            {
                mine.add_(theirs);
                theirs.Dispose();
            }
        }).Run([halves[0]]);
        Assert.Equal(expected.Tokens, result.Tokens);
        Assert.Equal(expected.Loss, result.Loss, 1e-6);
        one.AssertEqual(found, 1e-5);
    }

    [Fact]
    public void A_long_gradient_is_shortened_and_its_length_is_reported()
    {
        using var scope = NewDisposeScope();
        using var free = new Trained();
        using var clipped = new Trained();
        var batch = TinyModel.Batch(2, 8);
        var norm = free.Step().Run([batch]).GradientNorm;
        Assert.Equal(norm, free.GradientLength(), 1e-4);
        var result = clipped.Step(largest: norm / 4).Run([batch]);
        Assert.Equal(norm, result.GradientNorm, 1e-5);
        Assert.Equal(norm / 4, clipped.GradientLength(), 1e-4);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_changes_nothing_and_is_counted()
    {
        using var scope = NewDisposeScope();
        using var trained = new Trained();
        using var untouched = new Trained();
        var step = trained.Step();
        Fill(float.NaN);
        untouched.Set("transformer.ln_f.weight", float.NaN);
        Assert.True(step.Run([TinyModel.Batch(2, 8)]).Refused);
        Assert.Equal(1, step.Refused);
        trained.AssertEqual(untouched, 0);
        Assert.Equal(0, trained.Optimizer.Save()["transformer.ln_f.weight.step"].item<double>());

        Fill(1);
        Assert.False(step.Run([TinyModel.Batch(2, 8)]).Refused);
        Assert.Equal(1, step.Refused);

        void Fill(float value) => trained.Set("transformer.ln_f.weight", value);
    }

    [Fact]
    public void A_step_in_which_no_token_counts_is_refused_with_the_reason()
    {
        using var scope = NewDisposeScope();
        using var trained = new Trained();
        Assert.Contains("-100", Assert.Throws<OctantException>(() => trained.Step().Run([TinyModel.Batch(2, 5, masked: 5)])).Message);
    }

    [Fact]
    public void It_learns_a_batch_by_heart()
    {
        using var scope = NewDisposeScope();
        using var trained = new Trained(rate: 1e-2);
        var step = trained.Step(largest: 1);
        var batch = TinyModel.Batch(4, 12);
        var first = step.Run([batch]).Loss;
        var last = first;
        for (var i = 0; i < 80; i++) last = step.Run([batch]).Loss;
        Assert.True(last < 0.1 * first, $"{first} fell to {last} only");
    }

    [Fact]
    public void A_busy_collector_changes_no_loss()
    {
        using var scope = NewDisposeScope();
        var batch = TinyModel.Batch(2, 8, masked: 3);
        var expected = Losses(batch);
        BusyCollector.During(() =>
        {
            for (var i = 0; i < 8; i++) Assert.Equal(expected, Losses(batch));
        });

        static double[] Losses(MicroBatch batch)
        {
            using var trained = new Trained();
            using var average = new MovingAverage(trained.Checkpoint.Parameters, new WarmedUp(0.9));
            var step = trained.Step(largest: 1, loss: new(LabelSmoothing: 0.1, ZLoss: 1e-3));
            var losses = new double[20];
            foreach (ref var loss in losses.AsSpan())
            {
                loss = step.Run([batch, batch]).Loss;
                average.Update();
            }
            average.Swap();
            return [.. losses, step.Run([batch]).Loss];
        }
    }

    /// <summary>A tiny model with its optimiser; all start equal.</summary>
    sealed class Trained : IDisposable
    {
        readonly Models.Nn.IDecoder model;

        public Trained(double rate = 1e-3)
        {
            (Checkpoint, model) = TinyModel.Build();
            Optimizer = new AdamW([new(Checkpoint.Parameters) { LearningRate = rate, WeightDecay = 0.1 }], eps: 1e-3);
        }

        public Checkpoint Checkpoint { get; }

        public AdamW Optimizer { get; }

        public TrainingStep Step(
            double largest = double.PositiveInfinity, Action<IReadOnlyList<Tensor>>? sum = null, LanguageModelLoss? loss = null) =>
            new(model, Optimizer, loss ?? new()) { LargestNorm = largest, SumOverProcesses = sum };

        public void Set(string name, float value)
        {
            using var _ = no_grad();
            Checkpoint.Parameters[name].fill_(value);
        }

        public double GradientLength() =>
            Math.Sqrt(Checkpoint.Parameters.Values.Sum(parameter => parameter.grad!.square().sum().item<float>()));

        public void AssertEqual(Trained other, double tolerance)
        {
            foreach (var (name, parameter) in Checkpoint.Parameters)
            {
                if (parameter.isnan().all().item<bool>()) continue;
                Assert.True(TinyModel.Distance(parameter, other.Checkpoint.Parameters[name]) <= tolerance, name);
            }
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            Checkpoint.Dispose();
        }
    }
}
