using Octant.Models.Nn;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models.Tests;

/// <summary>What training takes for its speed, beside the plain operators that it stands for, gradients included.</summary>
public sealed class TrainingPathTests
{
    [Theory]
    [InlineData(3, 4, 4, 300)]                                                  // neither rows nor queries divide evenly
    [InlineData(2, 6, 2, 130)]
    [InlineData(2, 3, 1, 1)]
    public void Attention_in_blocks_is_attention(int rows, int heads, int shared, int tokens)
    {
        using var scope = NewDisposeScope();
        using var draws = new Generator(1);
        Tensor Draw(int h) => randn([rows, tokens, h, 16], float64, generator: draws).requires_grad_(true);
        var (q, k, v, gradient) = (Draw(heads), Draw(shared), Draw(shared), randn([rows, heads, tokens, 16], float64, generator: draws));
        Tensor[] Through(Func<Tensor, Tensor, Tensor, Tensor> attend)
        {
            foreach (var x in (Tensor[])[q, k, v]) x.grad = null;
            var y = attend(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2));
            y.backward([gradient]);
            return [y, q.grad!, k.grad!, v.grad!];
        }
        var back = new Pass { Training = true }.Causal(ones([rows, tokens], int64));
        var expected = Through((q, k, v) => Attention.Attend(q, k, v, null, causal: true, scale: 0.3));
        AssertClose(expected, Through((q, k, v) => back.Attend(0, q, k, v, scale: 0.3)), 1e-12);
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(512, false)]
    public void A_product_of_many_tokens_is_the_product(int tokens, bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var draws = new Generator(2);
        Parameter Draw(params long[] shape) => new(randn(shape, generator: draws));
        var (x, weight, bias) = (Draw(2, tokens, 24), Draw(40, 24), hasBias ? Draw(40) : null);
        var gradient = randn([2, tokens, 40], generator: draws);
        Tensor[] Through(Parameter weight, Func<Tensor> product)
        {
            foreach (var each in (Parameter?[])[x, weight, bias]) each?.grad = null;
            var y = product();
            y.backward([gradient]);
            return hasBias ? [y, x.grad!, weight.grad!, bias!.grad!] : [y, x.grad!, weight.grad!];
        }
        var expected = Through(weight, () => F.linear(x, weight, bias));
        AssertClose(expected, Through(weight, () => new Linear(new Dense(weight), bias).Forward(x)), 1e-3);
        var across = new Parameter(weight.detach().t().contiguous());
        var found = Through(across, () => new Linear(new Transposed(across), bias).Forward(x));
        found[2] = found[2].t();
        AssertClose(expected, found, 1e-3);
    }

    static void AssertClose(Tensor[] expected, Tensor[] found, double tolerance) => Assert.All(expected.Zip(found), pair =>
        Assert.True((pair.First - pair.Second).abs().max().to_type(float64).item<double>() < tolerance));
}
