using System.CommandLine;
using System.Text.Json.Nodes;
using Octant.Hub;
using Octant.Models;
using Spectre.Console;

namespace Octant.Cli;

/// <summary>`octant models`: what is embedded, what is in the cache, and what can be run.</summary>
static class ModelsCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "the same as JSON" };
        var command = new Command("models", "Lists the embedded models, those in the cache, and every architecture with what it can do.") { json };
        command.SetAction(parsed =>
        {
            using var hub = new ModelHub();
            if (parsed.GetValue(json)) PrintJson(hub);
            else PrintTables(hub);
        });
        return command.WithExamples("octant models", "octant models --json");
    }

    static void PrintTables(ModelHub hub)
    {
        var embedded = new Table().Title("Embedded").AddColumns("model", "size", "where");
        foreach (var model in hub.Embedded())
            embedded.AddRow(Text(model.Name) + (model.Name == ModelHub.DefaultModel ? " (when none is named)" : ""), Output.Size(model.Bytes), Text(model.Path));
        if (embedded.Rows.Count > 0) AnsiConsole.Write(embedded);

        var cached = new Table().Title("In the cache").AddColumns("model", "revision", "weights", "size", "where");
        foreach (var model in hub.Cached())
            cached.AddRow(Text(model.Name), Text(model.Revision), Text(model.Kind), Output.Size(model.Bytes), Text(model.Path));
        if (cached.Rows.Count == 0) AnsiConsole.WriteLine("The cache is empty: fetch a model with `octant pull org/name`.");
        else AnsiConsole.Write(cached);

        var known = new Table().Title("Architectures").AddColumns("model_type", "name", "files", "can");
        foreach (var architecture in Architectures.All)
            known.AddRow(architecture.ModelType, architecture.Name, Files(architecture), string.Join(", ", architecture.Can));
        AnsiConsole.Write(known);
    }

    static void PrintJson(ModelHub hub) => Console.Out.WriteLine(new JsonObject
    {
        ["embedded"] = new JsonArray([.. hub.Embedded().Select(model => new JsonObject
        {
            ["name"] = model.Name, ["default"] = model.Name == ModelHub.DefaultModel, ["size"] = model.Bytes, ["path"] = model.Path,
        })]),
        ["cached"] = new JsonArray([.. hub.Cached().Select(model => new JsonObject
        {
            ["name"] = model.Name, ["revision"] = model.Revision, ["commit"] = model.Commit, ["kind"] = model.Kind, ["size"] = model.Bytes, ["path"] = model.Path,
        })]),
        ["architectures"] = new JsonArray([.. Architectures.All.Select(architecture => new JsonObject
        {
            ["model_type"] = architecture.ModelType, ["name"] = architecture.Name, ["gguf"] = architecture.Gguf is not null,
            ["can"] = new JsonArray([.. architecture.Can]),
        })]),
    }.ToJsonString(Output.Json));

    static string Text(string words) => Markup.Escape(Output.Clean(words));

    static string Files(Architecture architecture) => architecture.Gguf is null ? "safetensors" : "safetensors, GGUF";
}
