using Octant.Formats;
using Octant.Models;
using static TorchSharp.torch;

namespace Goldens;

/// <summary>The tensors of one of a golden's files, read when they are asked for.</summary>
sealed class GoldenTensors(SafetensorsFile file)
{
    readonly Dictionary<string, Tensor> read = [];

    public IEnumerable<string> Names => file.Tensors.Keys;

    public bool Has(string name) => file.Tensors.ContainsKey(name);

    public Tensor? Find(string name) => Has(name) ? this[name] : null;

    public Tensor this[string name]
    {
        get
        {
            if (read.TryGetValue(name, out var tensor)) return tensor;
            using var reader = new TensorReader();
            return read[name] = reader.Read(file.Tensors[name]);
        }
    }
}
