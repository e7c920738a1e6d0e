using Octant.Configs;
using Octant.Formats;
using Octant.Models.Nn;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models;

/// <summary>
/// A place in a checkpoint's tree of names. Layers ask it for their parts by the names that the checkpoint uses, so the
/// code is the tree; whether those are read or drawn afresh, and what a matrix is made of, is not their business.
/// </summary>
public sealed class Weights
{
    readonly Checkpoint checkpoint;
    readonly string path;

    internal Weights(Checkpoint checkpoint, string path) => (this.checkpoint, this.path) = (checkpoint, path);

    /// <summary>One step down the tree: <c>w / "self_attn"</c>.</summary>
    public static Weights operator /(Weights w, object name) =>
        new(w.checkpoint, w.path.Length == 0 ? $"{name}" : $"{w.path}.{name}");

    /// <summary>A step that some published checkpoints leave out.</summary>
    public Weights StepIfPresent(string name) => checkpoint.Has((this / name).path) ? this / name : this;

    /// <summary>A list of equal layers: <c>name.0</c>, <c>name.1</c>, ...</summary>
    /// <exception cref="CheckpointException">the file has fewer tensors than there would be layers</exception>
    public T[] Layers<T>(string name, int count, Func<Weights, T> make)
    {
        checkpoint.CheckCount((this / name).path, count);
        return [.. Enumerable.Range(0, count).Select(i => make(this / name / i))];
    }

    /// <summary>y = x Wᵀ + b, stored as [out, in].</summary>
    public Linear Linear(string name, long inputs, long outputs, bool bias, Init init)
    {
        var at = this / name;
        return new(at.Matrix([outputs, inputs], init, weight => new Dense(weight)), bias ? at.Bias(outputs) : null);
    }

    /// <summary>GPT-2's linear layer, stored as [in, out].</summary>
    public Linear Conv1D(string name, long inputs, long outputs, Init init)
    {
        var at = this / name;
        return new(at.Matrix([inputs, outputs], init, weight => new Transposed(weight)), at.Bias(outputs));
    }

    /// <summary>A table of <paramref name="count"/> vectors.</summary>
    public Embedding Embedding(string name, long count, long size, Init init) =>
        new((this / name).Matrix([count, size], init, weight => new Dense(weight)));

    /// <summary>A linear layer on the matrix of a place already built. The file may hold it a second time.</summary>
    public Linear Tied(string name, Weights to) => new(checkpoint.Tie($"{(this / name).path}.weight", $"{to.path}.weight"));

    /// <summary>Root mean square norm.</summary>
    public RmsNorm RmsNorm(string name, long size, double eps) => new((this / name).Take("weight", [size], Init.Ones), eps);

    /// <summary>Layer norm with scale and shift.</summary>
    public LayerNorm LayerNorm(string name, long size, double eps)
    {
        var at = this / name;
        return new(at.Take("weight", [size], Init.Ones), at.Bias(size), eps);
    }

    /// <summary>The activation that a config.json names; some learn parameters, which lie here.</summary>
    /// <exception cref="CheckpointException">the name is none of those known</exception>
    public Func<Tensor, Tensor> Activation(string name, string activation)
    {
        var at = this / name;
        switch (activation)
        {
            case "prelu":
                return Nn.Activation.PRelu(at.Take("weight", [1], Init.Constant(0.25)));
            case "xielu":
                at.Skip("beta");                                                // constants, which files hold beside
                at.Skip("eps");
                // softplus⁻¹ of 0.8, and of 0.8 - β
                return Nn.Activation.XIelu(
                    at.Take("alpha_p", [1], Init.Constant(Math.Log(Math.Exp(0.8) - 1))), at.Take("alpha_n", [1], Init.Constant(Math.Log(Math.Exp(0.3) - 1))));
            default:
                return Nn.Activation.Named(activation);
        }
    }

    /// <summary>The gated MLP under the names that Llama gave its parts.</summary>
    public GatedMlp GatedMlp(string name, long size, long inner, bool bias, string activation, Init init)
    {
        var at = this / name;
        return new(
            at.Linear("gate_proj", size, inner, bias, init), at.Linear("up_proj", size, inner, bias, init),
            at.Linear("down_proj", inner, size, bias, init), at.Activation("act_fn", activation));
    }

    /// <summary>Rotary positions, which have no weights.</summary>
    public Rotary Rotary(RotaryConfig c, int headSize, int context) =>
        new(c, headSize, context, checkpoint.Keep(tensor(c.Frequencies(headSize, context))));

    /// <summary>A tensor that older files hold here although it can be computed: it may be there, and is not read.</summary>
    public void Skip(string name) => checkpoint.Skip((this / name).path);

    Parameter Take(string name, long[] shape, Init init) => checkpoint.Take((this / name).path, shape, init);

    Parameter Bias(long size) => Take("bias", [size], Init.Zeros);

    // Here a quantised file gives packed matrices, and an adapter wraps what it names.
    Matrix Matrix(long[] shape, Init init, Func<Parameter, Matrix> make) =>
        checkpoint.Take((this / "weight").path, make(Take("weight", shape, init)));
}
