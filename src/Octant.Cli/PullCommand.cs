using System.CommandLine;

namespace Octant.Cli;

/// <summary>`octant pull`: fetches a model from the hub.</summary>
static class PullCommand
{
    public static Command Create()
    {
        Argument<string> name = new("model") { Description = "org/name[@revision], or org/name:Q4_K_M for one GGUF file" };
        var command = new Command("pull", "Fetches a model from the hub into the cache; one that was interrupted goes on.") { name };
        command.SetAction(async (parsed, cancellation) =>
            Console.Out.WriteLine(await Downloads.Pull(parsed.GetValue(name)!, cancellation)));
        return command.WithExamples(
            "octant pull HuggingFaceTB/SmolLM2-135M-Instruct",
            "octant pull bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M",
            "HF_TOKEN=... octant pull meta-llama/Llama-3.2-1B-Instruct@main");
    }
}
