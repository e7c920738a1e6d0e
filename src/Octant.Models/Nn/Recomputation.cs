using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>
/// Forgets what a layer computes and computes it again when its gradient is wanted (Chen et al. 2016, arXiv:1604.06174): of each
/// layer only its input is kept.
/// </summary>
sealed class Recomputation : autograd.SingleTensorFunction<Recomputation>
{
    const string Layer = "layer", RandomState = "random state";

    public override string Name => nameof(Recomputation);

    /// <summary>The layer's output.</summary>
    /// <param name="layer">[B, T, D] to [B, T, D]; what it captures must live until the backward pass</param>
    /// <param name="x">[B, T, D]</param>
    public static Tensor Of(Func<Tensor, Tensor> layer, Tensor x)
    {
        // Without an input that wants a gradient there would be no backward pass, and so none of the layer's own parameters.
        using var wanting = x.requires_grad ? null : x.detach().requires_grad_(true);
        return apply(wanting ?? x, layer);
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (x, layer) = ((Tensor)arguments[0], (Func<Tensor, Tensor>)arguments[1]);
        context.save_for_backward([x]);
        context.save_data(Layer, layer);
        context.save_data(RandomState, random.get_rng_state().data<byte>().ToArray());
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return layer(x).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        var x = context.get_saved_variables()[0].detach().requires_grad_(true);
        var now = random.get_rng_state();
        random.set_rng_state(tensor((byte[])context.get_data(RandomState)));    // what was dropped is dropped again
        var y = ((Func<Tensor, Tensor>)context.get_data(Layer))(x);
        random.set_rng_state(now);
        y.backward([gradient]);                                                 // parameters get theirs here
        return [x.grad!.MoveToOuterDisposeScope(), null!];
    }
}
