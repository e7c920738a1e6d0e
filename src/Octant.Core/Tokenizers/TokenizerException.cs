namespace Octant.Tokenizers;

/// <summary>
/// A tokenizer's file is damaged or asks for what is not here, or a text cannot be encoded or ids decoded as asked.
/// </summary>
public sealed class TokenizerException(string message, Exception? inner = null) : OctantException(message, inner);
