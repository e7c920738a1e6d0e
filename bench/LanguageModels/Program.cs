// How fast a language model reads and writes here, beside llama.cpp on the same file in the same run.
//   dotnet run -c Release --project bench/LanguageModels -- MODEL [--dtype auto] [--prompt 512] [--generate 64] [--rounds 5]
//                                                           [--peer FOLDER]    a copy of ../shared/peers/llama.cpp
// Prints the medians, and the peak of memory beyond that of a process which only loaded libtorch, beside what it may be.
// With a peer the two take turns, A B A B, each in a process of its own; the medians of the pairwise ratios are what counts.
using System.Diagnostics;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Generation;
using Octant.Models;
using static TorchSharp.torch;

string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : otherwise;
var (prompt, generate, rounds) = (
    int.Parse(Option("--prompt", "512")), int.Parse(Option("--generate", "64")), int.Parse(Option("--rounds", "5")));

if (Option("--peer", "") is { Length: > 0 } peer)
{
    var (prefills, decodes) = (new List<double>(), new List<double>());
    for (var round = 0; round < rounds; round++)
    {
        var ours = Run(Environment.ProcessPath!, [args[0], "--dtype", Option("--dtype", "auto"), "--prompt", $"{prompt}", "--generate", $"{generate}", "--rounds", "3"]);
        var theirs = Run("dotnet", ["run", "-c", "Release", "--project", peer, "--", args[0], "--prompt", $"{prompt}", "--generate", $"{generate}", "--rounds", "3"]);
        prefills.Add(ours.Prefill / theirs.Prefill);
        decodes.Add(ours.Decode / theirs.Decode);
        Console.WriteLine($"prefill {ours.Prefill,7:F1} vs {theirs.Prefill,7:F1} tok/s, {prefills[^1]:F2}x    decode {ours.Decode,6:F1} vs {theirs.Decode,6:F1} tok/s, {decodes[^1]:F2}x");
    }
    Console.WriteLine($"median of ratios: prefill {Median(prefills):F2}x, decode {Median(decodes):F2}x of llama.cpp");
    return;
}

ones(1).Dispose();
var libtorch = Peak();
var clock = Stopwatch.StartNew();
using var model = TorchLanguageModel.Open(args[0], NumberType.Named(Option("--dtype", "auto")));
var opened = clock.Elapsed.TotalSeconds;
var ids = Enumerable.Range(0, prompt + generate).Select(i => 100 + i * 7 % 400).ToArray();
var logits = new float[model.Shape.Vocabulary];
var (prefill, decode) = (new List<double>(), new List<double>());
for (var round = 0; round <= rounds; round++)
{
    using var sequence = model.Open();
    clock.Restart();
    foreach (var piece in ids.Take(prompt).Chunk(DecodingLoop.ChunkLength))           // as the decoding loop does
        model.Step([new(sequence, piece, sequence.Length + piece.Length == prompt ? Scored.Last : Scored.None)], logits);
    var first = clock.Elapsed.TotalSeconds;
    clock.Restart();
    for (var i = 0; i < generate; i++) model.Step([new(sequence, ids.AsMemory(prompt + i, 1))], logits);
    if (round == 0) continue;                                        // the first warms up
    prefill.Add(prompt / first);
    decode.Add(generate / clock.Elapsed.TotalSeconds);
}
Console.WriteLine($$"""{"model": "{{Path.GetFileName(args[0])}}", "dtype": "{{Option("--dtype", "auto")}}", "open_s": {{opened:F2}}, "prefill_tok_s": {{Median(prefill):F1}}, "decode_tok_s": {{Median(decode):F1}}, "peak_mb": {{Peak() - libtorch}}, "file_and_1.1_tensors_mb": {{Budget()}}}""");

static long Peak() => Process.GetCurrentProcess().PeakWorkingSet64 / 1_000_000;

// What opening and running may take beside libtorch itself: the file, and 1.1 times its numbers in the chosen type.
long Budget()
{
    using var file = TensorFiles.Open(args[0]);
    var bytes = NumberType.Named(Option("--dtype", "auto")) == ScalarType.BFloat16 ? 2 : 4;
    return (new FileInfo(args[0]).Length + (long)(1.1 * bytes * file.Tensors.Values.Sum(tensor => tensor.Count))) / 1_000_000;
}

static (double Prefill, double Decode) Run(string program, string[] arguments)
{
    using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    var line = process.StandardOutput.ReadToEnd().Trim().Split('\n')[^1];
    process.WaitForExit();
    var json = JsonNode.Parse(line)!;
    return ((double)json["prefill_tok_s"]!, (double)json["decode_tok_s"]!);
}

static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
