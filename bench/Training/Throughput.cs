using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Training;

/// <summary>A product of [512, 4096] and [4096, 4096], as a linear layer: what the processor can do.</summary>
sealed class Product(ScalarType type) : IDisposable
{
    public const double Flops = 2.0 * 512 * 4096 * 4096;
    const int Repetitions = 5;

    readonly Tensor x = randn(512, 4096).to_type(type), weight = randn(4096, 4096).to_type(type);

    public double Seconds()
    {
        using var _ = no_grad();
        return Machine.Median(Enumerable.Range(0, Repetitions).Select(_ => Machine.Time(() => F.linear(x, weight))));
    }

    public void Dispose()
    {
        x.Dispose();
        weight.Dispose();
    }
}

static class Throughput
{
    public static void Print(ScalarType type, int rounds, Peer? peer)
    {
        using var workload = new Workload(type);
        using var product = new Product(type);
        for (var i = 0; i < 3; i++) workload.Step();
        product.Seconds();
        var (steps, products, ratios, peers) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            // The product stands on both sides of the step: what else the machine does is shared fairly.
            var before = product.Seconds();
            steps.Add(Machine.Time(() => workload.Step()));
            products.Add((before + product.Seconds()) / 2);
            ratios.Add(workload.Flops / steps[^1] / (Product.Flops / products[^1]));
            var line = $"step {steps[^1] * 1e3,7:F1} ms {Workload.Tokens / steps[^1],7:F0} tokens/s {workload.Flops / steps[^1] / 1e9,6:F1} GFLOP/s   " +
                $"product {Product.Flops / products[^1] / 1e9,6:F1} GFLOP/s   ratio {ratios[^1]:F3}";
            if (peer is not null)
            {
                var theirs = peer.Step();
                peers.Add(theirs / steps[^1]);
                line += $"   PyTorch {theirs * 1e3,7:F1} ms, {peers[^1]:F2}x";
            }
            Console.WriteLine(line);
        }
        var (step, plain) = (Machine.Median(steps), Machine.Median(products));
        Console.WriteLine($"median: {Workload.Tokens / step:F0} tokens/s, {workload.Flops / step / 1e9:F1} of {Product.Flops / plain / 1e9:F1} GFLOP/s; " +
            $"median of ratios {Machine.Median(ratios):F3}, best {ratios.Max():F3}" + (peers.Count > 0 ? $"; {Machine.Median(peers):F2}x PyTorch" : ""));
        peer?.Dispose();
    }
}
