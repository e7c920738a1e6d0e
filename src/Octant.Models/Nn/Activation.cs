using Octant.Formats;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using GELU = TorchSharp.Modules.GELU;

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
        : throw new CheckpointException($"config.json: the activation \"{name}\" is none of {string.Join(", ", Functions.Keys)}.");

    static Tensor GeluTanh(Tensor x) => F.gelu(x, GELU.Approximate.tanh, inplace: false);
}
