using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Models.Nn;

/// <summary>Dense products, by whichever of libtorch's two libraries is faster here.</summary>
static class Product
{
    /// <summary>Below, arranging the weights for oneDNN costs more than it gains.</summary>
    const long FewestTokens = 256;

    // oneDNN's float32 products are reached through a convolution of width one, which is the same: tokens are the places, features
    // the channels. libtorch asks oneDNN on one thread only when there are sixteen images or more.
    static readonly Script Convolution = new("""
        def linear(x, weight, bias: Optional[Tensor]):
            images = 16 if x.numel() // x.size(-1) % 16 == 0 else 1
            places = x.reshape(images, 1, -1, x.size(-1)).permute(0, 3, 1, 2)
            y = torch.conv2d(places, weight.unsqueeze(-1).unsqueeze(-1), bias)
            return y.permute(0, 2, 3, 1).reshape(x.size()[:-1] + [weight.size(0)])

        """);

    /// <summary>x Wᵀ + b</summary>
    /// <param name="x">[..., in]</param>
    /// <param name="weight">[out, in]</param>
    /// <param name="bias">[out]</param>
    /// <returns>[..., out]</returns>
    public static Tensor Of(Tensor x, Tensor weight, Tensor? bias) =>
        Processor.PrefersOneDnn && x.dtype == ScalarType.Float32 && x.device.type == TorchSharp.DeviceType.CPU
        && x.numel() >= FewestTokens * weight.size(1)
            ? Convolution.Invoke("linear", x, weight, bias)
            : F.linear(x, weight, bias);
}
