using Octant.Formats;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using GELU = TorchSharp.Modules.GELU;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models.Nn;

/// <summary>The functions that a config.json can name; names and forms are those of Transformers' ACT2FN.</summary>
public static class Activation
{
    static readonly Dictionary<string, Func<Tensor, Tensor>> Functions = new()
    {
        ["gelu"] = x => F.gelu(x),
        ["gelu_python"] = x => F.gelu(x),
        ["gelu_10"] = x => F.gelu(x).Between(-10, 10),
        ["gelu_new"] = GeluTanh,
        ["gelu_fast"] = GeluTanh,
        ["gelu_accurate"] = GeluTanh,
        ["gelu_pytorch_tanh"] = GeluTanh,
        ["gelu_python_tanh"] = GeluTanh,
        ["quick_gelu"] = x => x * x.Times(1.702).sigmoid(),
        ["silu"] = x => F.silu(x),
        ["swish"] = x => F.silu(x),
        ["mish"] = x => x * (-F.logsigmoid(-x)).tanh(),
        ["relu"] = x => F.relu(x),
        ["relu2"] = x => F.relu(x) * F.relu(x),
        ["relu6"] = x => F.relu6(x),
        ["leaky_relu"] = x => F.relu(x).Plus(F.relu(-x).Times(-0.01)),
        ["sigmoid"] = x => x.sigmoid(),
        ["tanh"] = x => x.tanh(),
        ["linear"] = x => x,
        // Ma et al. 2022, arXiv:2209.10655, equation 31.
        ["laplace"] = x => x.Plus(-0.707107).Times(1 / (0.282095 * Math.Sqrt(2))).erf().Times(0.5).Plus(0.5),
    };

    /// <summary>The function of that name.</summary>
    /// <exception cref="CheckpointException">the name is none of those known</exception>
    public static Func<Tensor, Tensor> Named(string name) => Functions.TryGetValue(name, out var function)
        ? function
        : throw new CheckpointException($"config.json: the activation \"{name}\" is none of {string.Join(", ", Functions.Keys)}, prelu, xielu.");

    /// <summary>PReLU (He et al. 2015, arXiv:1502.01852): what is negative is multiplied by a slope that is learned.</summary>
    /// <param name="slope">[1]</param>
    internal static Func<Tensor, Tensor> PRelu(Parameter slope) => x => F.relu(x).Plus((-F.relu(-x)) * slope.As(x));

    /// <summary>xIELU (Huang and Schlag 2024, arXiv:2411.13010): quadratic where positive, exponential where negative, both learned.</summary>
    /// <param name="positive">[1], before the softplus that keeps it above 0</param>
    /// <param name="negative">[1], likewise; β is added</param>
    internal static Func<Tensor, Tensor> XIelu(Parameter positive, Parameter negative) => x =>
    {
        const double beta = 0.5, eps = -1e-6;
        // -log σ(-a) is softplus(a), whose own binding makes scalars.
        var (p, n) = ((-F.logsigmoid(-positive)).As(x), (-F.logsigmoid(-negative)).Plus(beta).As(x));
        var linear = x.Times(beta);
        var below = (x.Between(double.NegativeInfinity, eps).expm1().Plus(-x) * n).Plus(linear);
        return where(x.sign().eq(ones_like(x)), (p * x * x).Plus(linear), below);
    };

    static Tensor GeluTanh(Tensor x) => F.gelu(x, GELU.Approximate.tanh, inplace: false);
}
