using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Tokenizer = Octant.Tokenizers.Tokenizer;

namespace TokenSpeed;

/// <summary>Encoding line by line: ours, Microsoft.ML.Tokenizers and the Rust implementation take turns on the same text.</summary>
static class Speed
{
    public static int Run(string file, string path, string? peer, int rounds)
    {
        var lines = File.ReadAllLines(path).Where(line => line.Length > 0).ToArray();
        var bytes = lines.Sum(line => (double)Encoding.UTF8.GetByteCount(line));
        var (ours, theirs) = (Tokenizer.Open(file), Peer(file));
        Check(ours, theirs, lines);
        var one = new List<double>();
        var (all, fresh, microsoft, rust, rustAll) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var ids = new List<int>();
        for (var round = 0; round < rounds; round++)
        {
            var opened = Tokenizer.Open(file);
            fresh.Add(Rate(() => EncodeAll(opened, lines, ids)));
            one.Add(Best(() => EncodeAll(ours, lines, ids)));
            all.Add(Best(() => Parallel.ForEach(lines, () => new List<int>(), (line, _, found) =>
            {
                found.Clear();
                ours.EncodeIds(line, found, addSpecialTokens: false);
                return found;
            }, _ => { })));
            if (theirs is not null)
                microsoft.Add(Best(() =>
                {
                    foreach (var line in lines) theirs.EncodeToIds(line);
                }));
            if (peer is null) continue;
            rust.Add(Rust(peer, file, path, "false"));
            rustAll.Add(Rust(peer, file, path, "true"));
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        EncodeAll(ours, lines, ids);
        var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)lines.Sum(line => ours.EncodeIds(line, addSpecialTokens: false).Length);
        Console.WriteLine($"{lines.Length:N0} lines, {bytes / 1e6:F2} MB; medians of {rounds} rounds, in MB/s");
        Console.WriteLine($"octant, one thread        {Median(one):F1}   ({allocated:F2} bytes allocated a token)");
        Console.WriteLine($"octant, all threads       {Median(all):F1}");
        Console.WriteLine($"octant, just opened       {Median(fresh):F1}   (the first time that it sees the words)");
        if (microsoft.Count > 0) Console.WriteLine($"Microsoft.ML.Tokenizers   {Median(microsoft):F1}   octant is {Ratio(one, microsoft):F2} times as fast");
        if (rust.Count == 0) return 0;
        Console.WriteLine($"Rust, one thread          {Median(rust):F1}   octant is {Ratio(one, rust):F2} times as fast");
        Console.WriteLine($"Rust, all threads         {Median(rustAll):F1}   octant is {Ratio(all, rustAll):F2} times as fast");
        return 0;

        double Rate(Action encode)
        {
            var clock = Stopwatch.StartNew();
            encode();
            return bytes / 1e6 / clock.Elapsed.TotalSeconds;
        }

        double Best(Action encode) => Enumerable.Range(0, 5).Max(_ => Rate(encode));
    }

    /// <summary>What hurts: a megabyte without any place to cut. Twice the text should take twice the time.</summary>
    public static int Worst(string file)
    {
        var tokenizer = Tokenizer.Open(file);
        tokenizer.EncodeIds("warm up: the first words");
        foreach (var (name, unit) in (ReadOnlySpan<(string, string)>)[("one letter", "a"), ("spaces", " "), ("emoji", "🙂"), ("Chinese", "日本語文字列处理"), ("line breaks", "\n"), ("digits", "1"), ("Zalgo", "a\u0301\u0302\u0303")])
        {
            var times = new double[2];
            for (var i = 0; i < 2; i++)
            {
                var text = string.Concat(Enumerable.Repeat(unit, (i + 1) * 500_000 / unit.Length));
                var clock = Stopwatch.StartNew();
                tokenizer.EncodeIds(text);
                times[i] = clock.Elapsed.TotalMilliseconds;
            }
            Console.WriteLine($"{name,-12} half a million characters {times[0],7:F0} ms, a million {times[1],7:F0} ms");
        }
        return 0;
    }

    static void EncodeAll(Tokenizer tokenizer, string[] lines, List<int> ids)
    {
        foreach (var line in lines)
        {
            ids.Clear();
            tokenizer.EncodeIds(line, ids, addSpecialTokens: false);
        }
    }

    static void Check(Tokenizer ours, TiktokenTokenizer? theirs, string[] lines)
    {
        foreach (var line in lines.Take(500))
            if (theirs is not null && !ours.EncodeIds(line, addSpecialTokens: false).SequenceEqual(theirs.EncodeToIds(line)))
                Console.WriteLine($"Microsoft.ML.Tokenizers has other ids for: {line}");
    }

    /// <summary>Byte-level vocabularies whose ids are their ranks are tiktoken's, which the peer reads.</summary>
    static TiktokenTokenizer? Peer(string file)
    {
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        var pattern = json["pre_tokenizer"]?["pretokenizers"]?[0]?["pattern"]?["Regex"];
        if (pattern is null || (string?)json["model"]!["type"] != "BPE" || !((bool?)json["model"]!["ignore_merges"] ?? false)) return null;
        var tokenizer = Tokenizer.Open(file);
        var ranks = new StringBuilder();
        foreach (var (_, id) in json["model"]!["vocab"]!.AsObject().OrderBy(pair => (int)pair.Value!))
            ranks.Append(Convert.ToBase64String(tokenizer.BytesOf((int)id!)!)).Append(' ').Append((int)id!).Append('\n');
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(ranks.ToString()));
        return TiktokenTokenizer.Create(stream, new RegexPreTokenizer(new Regex((string)pattern!, RegexOptions.Compiled), null), null, null);
    }

    static double Rust(string peer, string file, string text, string parallel)
    {
        var start = new ProcessStartInfo("node", ["tokenizers-bench.mjs", Path.GetFullPath(file), Path.GetFullPath(text)]) { WorkingDirectory = peer, RedirectStandardOutput = true };
        start.Environment["TOKENIZERS_PARALLELISM"] = parallel;
        using var process = Process.Start(start)!;
        return (double)JsonNode.Parse(process.StandardOutput.ReadToEnd())!["batch_MB_s"]!;
    }

    static double Ratio(List<double> ours, List<double> theirs) => Median([.. ours.Zip(theirs, (a, b) => a / b)]);

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
