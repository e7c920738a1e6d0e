using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>A table of vectors, looked up by id.</summary>
public sealed class Embedding(Matrix weight)
{
    /// <summary>Looks up.</summary>
    /// <param name="ids">[...] int64, below the table's length</param>
    /// <returns>[..., D]</returns>
    public Tensor Forward(Tensor ids) => weight.Rows(ids);
}
