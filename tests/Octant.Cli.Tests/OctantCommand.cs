using System.Diagnostics;
using System.Text;
using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>The octant command as its users run it: a process of its own.</summary>
sealed class OctantCommand : IDisposable
{
    static readonly string Program = Path.Combine(
        AppContext.BaseDirectory, "../../Octant.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "Octant.Cli.dll");

    static readonly string NoModels = Path.Combine(Path.GetTempPath(), "octant-no-models");

    readonly Process process;

    OctantCommand(string models, string[] shell, string[] arguments)
    {
        string[] line = [.. shell, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // No network, no cache of the machine's, one thread: tests run side by side.
        start.Environment["HF_HOME"] = Path.Combine(Path.GetTempPath(), "octant-no-cache");
        start.Environment["HF_HUB_OFFLINE"] = "1";
        start.Environment["OCTANT_MODELS"] = models;
        start.Environment["HF_ENDPOINT"] = "nonsense";      // which concerns nobody who does not ask the hub
        start.Environment["OMP_NUM_THREADS"] = "1";
        process = Process.Start(start)!;
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<Result> Run(params string[] arguments) => RunOn("", arguments);

    /// <summary>Runs it to its end, with something to read.</summary>
    public static Task<Result> RunOn(string input, params string[] arguments) => RunOn(Encoding.UTF8.GetBytes(input), arguments);

    /// <summary>Runs it to its end, with bytes to read.</summary>
    public static Task<Result> RunOn(byte[] input, params string[] arguments) => RunOn(NoModels, input, arguments);

    /// <summary>Runs it to its end, with a folder of embedded models.</summary>
    public static Task<Result> RunWith(string models, string input, params string[] arguments) =>
        RunOn(models, Encoding.UTF8.GetBytes(input), arguments);

    static async Task<Result> RunOn(string models, byte[] input, string[] arguments)
    {
        using var command = new OctantCommand(models, [], arguments);
        try
        {
            await command.process.StandardInput.BaseStream.WriteAsync(input);
            command.process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: what it says counts.
        }
        return await command.Result();
    }

    /// <summary>Starts it.</summary>
    public static OctantCommand Start(params string[] arguments) => new(NoModels, [], arguments);

    public StreamWriter Input => process.StandardInput;

    public StreamReader Output => process.StandardOutput;

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => Signal("INT");

    /// <summary>Sends a signal.</summary>
    public void Signal(string name) => Process.Start("kill", [$"-{name}", $"{process.Id}"]).WaitForExit();

    /// <summary>Runs it to its end where files cannot grow beyond some kilobytes: what a full disk does, it does to large files alone.</summary>
    public static async Task<Result> RunBelow(int kilobytes, params string[] arguments)
    {
        // Ignored, the signal becomes an error of the write. .NET's own executable memory is a file as well, unless told otherwise.
        string[] shell = ["/bin/bash", "-c", $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f {kilobytes}; exec \"$@\"", "bash"];
        using var command = new OctantCommand(NoModels, shell, arguments);
        command.process.StandardInput.Close();
        return await command.Result();
    }

    /// <summary>Ends it at once, as kill -9 does.</summary>
    /// <returns>whether it was still running</returns>
    public bool Kill()
    {
        if (process.HasExited) return false;
        process.Kill();
        return true;
    }

    /// <summary>What it has still to say, when it has ended.</summary>
    public async Task<Result> Result()
    {
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}

/// <summary>What came of it.</summary>
sealed record Result(int Code, string Output, string Errors)
{
    /// <summary>The output of what went well.</summary>
    public string Succeeded()
    {
        Assert.Equal((0, ""), (Code, Errors));
        return Output;
    }

    /// <summary>The one line that says what was wrong.</summary>
    public string Failed()
    {
        Assert.Equal("", Output);
        return AfterWords();
    }

    /// <summary>The one line that says what was wrong, where it came up after something had been done.</summary>
    public string AfterWords()
    {
        Assert.True(Code == 1, $"{Code}: {Errors}");
        Assert.StartsWith("octant: ", Errors);
        Assert.Equal('\n', Errors[^1]);
        Assert.DoesNotContain('\n', Errors[..^1]);
        Assert.DoesNotContain("unexpected", Errors);
        Assert.DoesNotContain("   at ", Errors);
        return Errors;
    }
}

/// <summary>One tiny model for all tests that leave it as it is.</summary>
public sealed class SharedModel : IDisposable
{
    readonly TinyModel model = new();

    public string Folder => model.Folder;

    public void Dispose() => model.Dispose();
}
