using Octant.Models;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Training;

/// <summary>
/// Where the time of a step goes. libtorch's own profiler is out of reach here: every part runs by itself on the step's shapes, forward
/// and backward, beside the time in which its products alone would be done at the plain product's speed.
/// </summary>
static class StepProfile
{
    /// <summary>A part of the step.</summary>
    /// <param name="Name">as the table has it</param>
    /// <param name="Count">how often a step has it</param>
    /// <param name="Flops">of its products, forward; twice that backward</param>
    /// <param name="Inputs">that want a gradient</param>
    /// <param name="Forward">from them</param>
    sealed record Part(string Name, long Count, double Flops, Tensor[] Inputs, Func<Tensor[], Tensor> Forward);

    public static void Print(ScalarType type, int rounds)
    {
        using var workload = new Workload(type);
        using var product = new Product(type);
        using var checkpoint = Checkpoint.Fresh(seed: 2);
        for (var i = 0; i < 2; i++) workload.Step();
        var speed = Product.Flops / product.Seconds();
        Console.WriteLine($"plain product: {speed / 1e9:F1} GFLOP/s\n");
        Console.WriteLine("| part | times | forward, ms | backward, ms | both in a step, ms | products alone, ms |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var sum = 0.0;
        foreach (var part in Parts(checkpoint, type))
        {
            var (forward, backward) = Measure(part, rounds);
            var both = part.Count * (forward + backward);
            sum += both;
            Console.WriteLine($"| {part.Name} | {part.Count} | {forward * 1e3:F2} | {backward * 1e3:F2} | {both * 1e3:F1} | {3 * part.Count * part.Flops / speed * 1e3:F1} |");
        }
        var optimize = Median(rounds, workload.Optimize);
        Console.WriteLine($"| optimiser | 1 | | | {optimize * 1e3:F1} | |");
        Console.WriteLine($"| sum of the parts | | | | {(sum + optimize) * 1e3:F1} | |");

        Console.WriteLine("\n| whole | ms |\n|---|---|");
        Console.WriteLine($"| forward, without the head | {Median(rounds, () => workload.Hidden(type)) * 1e3:F1} |");
        var (times, last) = (new List<double>(), 0.0);
        for (var round = 0; round < rounds; round++)
        {
            using var scope = NewDisposeScope();
            var hidden = workload.Hidden(type);
            times.Add(Machine.Time(() => workload.Backward(hidden)));
            workload.Step();
        }
        Console.WriteLine($"| head, loss, backward | {Machine.Median(times) * 1e3:F1} |");
        last = Median(rounds, () => workload.Step());
        Console.WriteLine($"| step | {last * 1e3:F1} |");
        Console.WriteLine($"| its operations at the plain product's speed | {workload.Flops / speed * 1e3:F1} |");
    }

    static IEnumerable<Part> Parts(Checkpoint checkpoint, ScalarType type)
    {
        const long n = Workload.Tokens, d = Workload.Width, layers = Workload.Layers, e = d / Workload.Heads;
        Tensor Input(params long[] shape) => randn(shape).to_type(type).requires_grad_(true);
        Tensor Tokens(long width) => Input(Workload.Rows, Workload.Block, width);
        Linear Linear(string name, long from, long to) => checkpoint.Build(w => w.Conv1D(name, from, to, Init.Normal(0.02)));
        Part Product(string name, Linear linear, long from, long to) =>
            new(name, layers, 2.0 * n * from * to, [Tokens(from)], x => linear.Forward(x[0]));

        var ids = randint(Workload.Vocabulary, [Workload.Rows, Workload.Block]);
        var embedding = checkpoint.Build(w => w.Embedding("wte", Workload.Vocabulary, d, Init.Normal(0.02)));
        var norm = checkpoint.Build(w => w.LayerNorm("norm", d, 1e-5));
        var activation = Activation.Named("gelu_new");
        yield return new("embedding", 1, 0, [], _ => embedding.Forward(ids));
        yield return new("layer norm", 2 * layers + 1, 0, [Tokens(d)], x => norm.Forward(x[0]));
        yield return Product("queries, keys, values", Linear("qkv", d, 3 * d), d, 3 * d);
        yield return new("attention, heads split and merged", layers, 4.0 * n * d * Workload.Block, [Tokens(3 * d)], x => Attend(x[0], e));
        yield return Product("projection", Linear("proj", d, d), d, d);
        yield return Product("MLP up", Linear("up", d, 4 * d), d, 4 * d);
        yield return new("GELU", layers, 0, [Tokens(4 * d)], x => activation(x[0]));
        yield return Product("MLP down", Linear("down", 4 * d, d), 4 * d, d);
        yield return new("residual", 2 * layers, 0, [Tokens(d), Tokens(d)], x => x[0].Plus(x[1]));
    }

    static Tensor Attend(Tensor qkv, long headSize)
    {
        var split = qkv.chunk(3, -1);
        Tensor Heads(Tensor x) => x.unflatten(2, [-1, headSize]).transpose(1, 2);
        var back = new Pass { Training = true }.Causal(qkv);
        return back.Attend(0, Heads(split[0]), Heads(split[1]), Heads(split[2])).transpose(1, 2).flatten(2);
    }

    static (double Forward, double Backward) Measure(Part part, int rounds)
    {
        var (forward, backward) = (new List<double>(), new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            using var scope = NewDisposeScope();
            foreach (var input in part.Inputs) input.grad = null;
            Tensor? y = null;
            var ahead = Machine.Time(() => y = part.Forward(part.Inputs).MoveToOuterDisposeScope());
            var gradient = randn_like(y!);
            var back = Machine.Time(() => y!.backward([gradient]));
            if (round < 0) continue;                                    // the first warms up
            forward.Add(ahead);
            backward.Add(back);
        }
        return (Machine.Median(forward), Machine.Median(backward));
    }

    static double Median(int rounds, Action action)
    {
        action();
        return Machine.Median(Enumerable.Range(0, rounds).Select(_ => Machine.Time(action)));
    }
}
