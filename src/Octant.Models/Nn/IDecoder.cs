using Octant.Generation;
using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>A model that scores the next token. Hidden states and logits are apart, since few positions need logits.</summary>
public interface IDecoder
{
    /// <summary>Vocabulary, context, width, layers.</summary>
    ModelShape Shape { get; }

    /// <summary>What the model makes of each token.</summary>
    /// <param name="ids">[B, T] int64, below the vocabulary's size</param>
    /// <param name="pass">padding, positions, cache, ...</param>
    /// <returns>[B, T, D], normed</returns>
    Tensor Hidden(Tensor ids, Pass pass);

    /// <summary>The scores of the token that follows.</summary>
    /// <param name="hidden">[..., D], some or all of what <see cref="Hidden"/> returned</param>
    /// <returns>[..., V]</returns>
    Tensor Logits(Tensor hidden);
}
