// How fast text becomes tokens, and how fast a constraint says which tokens may come next.
//   dotnet run -c Release --project bench/TokenSpeed -- speed TOKENIZER.json TEXT [--peer FOLDER] [--rounds 5]
//   dotnet run -c Release --project bench/TokenSpeed -- worst TOKENIZER.json
//   dotnet run -c Release --project bench/TokenSpeed -- masks TOKENIZER.json
// FOLDER holds tokenizers-bench.mjs and the node_modules with @anush008/tokenizers, the Rust implementation.
using TokenSpeed;

return args switch
{
    ["speed", var tokenizer, var text, .. var rest] => Speed.Run(tokenizer, text, Option(rest, "--peer"), int.Parse(Option(rest, "--rounds") ?? "5", System.Globalization.CultureInfo.InvariantCulture)),
    ["worst", var tokenizer] => Speed.Worst(tokenizer),
    ["masks", var tokenizer] => Masks.Run(tokenizer),
    _ => Usage(),
};

static string? Option(string[] rest, string name) => Array.IndexOf(rest, name) is >= 0 and var at && at + 1 < rest.Length ? rest[at + 1] : null;

static int Usage()
{
    Console.Error.WriteLine("speed TOKENIZER.json TEXT [--peer FOLDER] [--rounds 5] | worst TOKENIZER.json | masks TOKENIZER.json");
    return 1;
}
