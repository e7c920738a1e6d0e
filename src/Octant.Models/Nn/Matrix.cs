using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models.Nn;

/// <summary>A matrix [out, in], whatever it is made of: dense here; quantised, low-rank adapted and others beside.</summary>
public abstract class Matrix
{
    /// <summary>x Wᵀ + b, in the type of x.</summary>
    /// <param name="x">[..., in]</param>
    /// <param name="bias">[out]</param>
    /// <returns>[..., out]</returns>
    public abstract Tensor Multiply(Tensor x, Tensor? bias = null);

    /// <summary>The rows of those numbers, in the type that they are stored in.</summary>
    /// <param name="ids">[...] int64, below out</param>
    /// <returns>[..., in]</returns>
    public abstract Tensor Rows(Tensor ids);
}

/// <summary>Stored as [out, in].</summary>
public sealed class Dense(Parameter weight) : Matrix
{
    /// <inheritdoc/>
    public override Tensor Multiply(Tensor x, Tensor? bias = null) => Product.Of(x, weight.As(x), bias?.As(x));

    /// <inheritdoc/>
    public override Tensor Rows(Tensor ids) => weight.index_select(0, ids.flatten()).view([.. ids.shape, weight.size(1)]);
}

/// <summary>Stored as [in, out], as GPT-2's checkpoints do.</summary>
public sealed class Transposed(Parameter weight) : Matrix
{
    /// <inheritdoc/>
    public override Tensor Multiply(Tensor x, Tensor? bias = null) => Product.Of(x, weight.As(x).t(), bias?.As(x));

    /// <inheritdoc/>
    public override Tensor Rows(Tensor ids) => throw new NotSupportedException("No checkpoint stores embeddings transposed.");
}
