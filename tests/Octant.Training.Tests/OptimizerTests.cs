using CsCheck;
using Octant.Testing;
using Octant.Training.Optimizers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Tests;

public sealed class OptimizerTests
{
    static readonly Dictionary<string, Func<ParameterGroup[], IOptimizer>> Makers = new()
    {
        ["sgd"] = groups => new Sgd(groups, momentum: 0.9),
        ["adam"] = groups => new Adam(groups, amsgrad: true),
        ["adamw"] = groups => new AdamW(groups),
        ["adamw, operator by operator"] = groups => new AdamW(groups, fused: false),
        ["adamax"] = groups => new Adamax(groups),
        ["nadam"] = groups => new NAdam(groups),
        ["radam"] = groups => new RAdam(groups),
        ["rmsprop"] = groups => new RmsProp(groups, momentum: 0.5, centered: true),
        ["adagrad"] = groups => new Adagrad(groups),
        ["adadelta"] = groups => new Adadelta(groups),
        ["adafactor"] = groups => new Adafactor(groups, beta1: 0.9),
        ["torch adafactor"] = groups => new TorchAdafactor(groups),
        ["lion"] = groups => new Lion(groups),
        ["lamb"] = groups => new Lamb(groups),
        ["muon and adamw"] = groups => new Combined(
            new Muon([Part(groups[0], dimensions: 2)]), new AdamW([Part(groups[0], dimensions: 1), Part(groups[0], dimensions: 3)])),
    };

    public static TheoryData<string> Names => [.. Makers.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_resumed_optimizer_takes_the_same_steps_bit_for_bit(string name)
    {
        using var scope = NewDisposeScope();
        var (straight, resumed) = (Fresh(), Fresh());
        var one = Makers[name]([Group(straight)]);
        var other = Makers[name]([Group(resumed)]);
        for (var step = 0; step < 6; step++)
        {
            if (step == 3)
            {
                var fresh = Makers[name]([Group(resumed)]);
                fresh.Load(other.Save());
                other.Dispose();
                other = fresh;
            }
            SetGradients(straight, seed: step);
            SetGradients(resumed, seed: step);
            one.Step();
            other.Step();
        }
        Assert.All(straight, named => Assert.True(named.Value.eq(resumed[named.Key]).all().item<bool>(), named.Key));
        Assert.Equal(one.Save().Keys.Order(), other.Save().Keys.Order());
        one.Dispose();
        other.Dispose();
    }

    [Theory, MemberData(nameof(Names))]
    public void A_busy_collector_changes_no_step(string name)
    {
        var expected = Walk(name);
        BusyCollector.During(() =>
        {
            for (var i = 0; i < 10; i++) Assert.Equal(expected, Walk(name));
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_optimizer_finds_the_bottom_of_a_bowl(string name)
    {
        using var scope = NewDisposeScope();
        var parameters = Fresh();
        using var optimizer = Makers[name]([Group(parameters)]);
        var start = Height(parameters);
        for (var step = 0; step < 300; step++)
        {
            using var each = NewDisposeScope();
            foreach (var group in optimizer.Groups)
                group.LearningRate = (name switch { "sgd" => 0.02, "adadelta" => 10, "adagrad" => 0.3, "radam" => 0.2, _ => 0.05 }) * (1 - step / 300.0);
            foreach (var parameter in parameters.Values) parameter.grad = (parameter - 1).detach();
            optimizer.Step();
        }
        Assert.True(Height(parameters) < 0.05 * start, $"from {start} to {Height(parameters)}");
    }

    [Fact]
    public void Fused_AdamW_equals_its_operators() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Double[1e-4, 1e-1], Gen.Double[0, 0.5]).Sample((seed, rate, decay) =>
        {
            using var scope = NewDisposeScope();
            var (fused, plain) = (Fresh(), Fresh());
            using var one = new AdamW([Group(fused, rate, decay)], beta2: 0.95);
            using var other = new AdamW([Group(plain, rate, decay)], beta2: 0.95, fused: false);
            for (var step = 0; step < 5; step++)
            {
                SetGradients(fused, seed + step);
                SetGradients(plain, seed + step);
                // What has no gradient makes no step, and then counts one less than the rest.
                if (step == 1) fused["wide"].grad = plain["wide"].grad = null;
                one.Step();
                other.Step();
            }
            return fused.All(named => TinyModel.Distance(named.Value, plain[named.Key]) < 1e-6);
        }, iter: 20);

    [Fact]
    public void A_parameter_without_gradient_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var parameters = Fresh();
        using var optimizer = new AdamW([Group(parameters, decay: 0.1)]);
        optimizer.Step();
        Assert.All(Fresh(), named => Assert.Equal(0, TinyModel.Distance(named.Value, parameters[named.Key])));
        Assert.Equal(0, optimizer.Save()["tall.step"].item<double>());
    }

    [Fact]
    public void Only_matrices_decay_where_groups_are_split_by_dimension()
    {
        var groups = ParameterGroup.DecayMatrices(Fresh(), learningRate: 1, weightDecay: 0.1);
        Assert.Equal(["tall", "wide", "kernel"], groups[0].Parameters.Keys);
        Assert.Equal(["vector"], groups[1].Parameters.Keys);
        Assert.Equal((0.1, 0), (groups[0].WeightDecay, groups[1].WeightDecay));
    }

    [Fact]
    public void Lambs_step_is_as_long_as_the_parameter_times_the_rate()
    {
        using var scope = NewDisposeScope();
        var parameters = Fresh();
        using var optimizer = new Lamb([Group(parameters, rate: 0.01)]);
        SetGradients(parameters, seed: 1);
        optimizer.Step();
        Assert.All(Fresh(), before => Assert.Equal(
            0.01, (parameters[before.Key] - before.Value).norm().item<float>() / before.Value.norm().item<float>(), 1e-5));
    }

    [Fact]
    public void A_saved_state_that_does_not_fit_is_refused_and_all_that_is_wrong_is_named()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new AdamW([Group(Fresh())]);
        var saved = new Dictionary<string, Tensor>(optimizer.Save());
        saved.Remove("tall.exp_avg");
        saved.Add("tall.square_avg", zeros(1));
        saved["wide.exp_avg_sq"] = zeros(1, 9);
        var error = Assert.Throws<OctantException>(() => optimizer.Load(saved));
        Assert.Contains("tall.exp_avg: missing", error.Message);
        Assert.Contains("tall.square_avg: not used", error.Message);
        Assert.Contains("wide.exp_avg_sq: [1, 9] found, [4, 9] expected", error.Message);
    }

    [Fact]
    public void A_combined_optimizer_refuses_a_state_that_no_part_knows()
    {
        using var scope = NewDisposeScope();
        using var optimizer = Makers["muon and adamw"]([Group(Fresh())]);
        var saved = new Dictionary<string, Tensor>(optimizer.Save()) { ["other.exp_avg"] = zeros(1) };
        Assert.Contains("other.exp_avg: not used", Assert.Throws<OctantException>(() => optimizer.Load(saved)).Message);
    }

    [Fact]
    public void Muon_refuses_what_is_no_matrix() =>
        Assert.Contains("vector", Assert.Throws<OctantException>(() => new Muon([Part(Group(Fresh()), dimensions: 1)])).Message);

    [Fact]
    public void A_parameter_in_two_groups_is_refused() =>
        Assert.Contains("two groups", Assert.Throws<OctantException>(() => new AdamW([Group(Fresh()), Group(Fresh())])).Message);

    static ParameterGroup Group(Dictionary<string, Parameter> parameters, double rate = 0.05, double decay = 0) =>
        new(parameters) { LearningRate = rate, WeightDecay = decay };

    static ParameterGroup Part(ParameterGroup group, int dimensions) =>
        new(new Dictionary<string, Parameter>(group.Parameters.Where(named => named.Value.dim() == dimensions))) { LearningRate = group.LearningRate };

    static Dictionary<string, Parameter> Fresh()
    {
        using var random = new Generator(3);
        return new()
        {
            ["tall"] = new(randn([7, 5], generator: random)),
            ["wide"] = new(randn([4, 9], generator: random)),
            ["vector"] = new(randn([6], generator: random)),
            ["kernel"] = new(randn([3, 2, 5], generator: random)),
        };
    }

    static void SetGradients(Dictionary<string, Parameter> parameters, int seed)
    {
        // A generator of its own: properties are sampled on several threads, which share libtorch's.
        using var random = new Generator((ulong)seed);
        foreach (var parameter in parameters.Values) parameter.grad = randn(parameter.shape, generator: random);
    }

    /// <summary>Where ten steps lead.</summary>
    static float[] Walk(string name)
    {
        using var scope = NewDisposeScope();
        var parameters = Fresh();
        using var optimizer = Makers[name]([Group(parameters, decay: 0.1)]);
        for (var step = 0; step < 10; step++)
        {
            SetGradients(parameters, seed: step);
            optimizer.Step();
        }
        return [.. parameters.Values.SelectMany(parameter => parameter.data<float>())];
    }

    static double Height(Dictionary<string, Parameter> parameters) =>
        parameters.Values.Sum(parameter => (parameter - 1).square().sum().item<float>());
}
