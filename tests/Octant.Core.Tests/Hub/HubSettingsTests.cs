using Octant.Hub;

namespace Octant.Core.Tests.Hub;

public sealed class HubSettingsTests
{
    static HubSettings Read(params (string Name, string Value)[] variables) =>
        HubSettings.FromEnvironment(name => variables.FirstOrDefault(v => v.Name == name).Value);

    [Fact]
    public void The_cache_is_where_Hugging_Face_s_tools_have_it()
    {
        Assert.Equal("/h/.cache/huggingface/hub", Read(("HOME", "/h")).Cache);
        Assert.Equal("/x/huggingface/hub", Read(("HOME", "/h"), ("XDG_CACHE_HOME", "/x")).Cache);
        Assert.Equal("/f/hub", Read(("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/f")).Cache);
        Assert.Equal("/c", Read(("HF_HOME", "/f"), ("HF_HUB_CACHE", "/c")).Cache);
        Assert.Equal("/h/c", Read(("HOME", "/h"), ("HF_HUB_CACHE", "~/c")).Cache);
    }

    [Fact]
    public void The_token_comes_from_the_environment_or_its_file()
    {
        var home = Directory.CreateTempSubdirectory("octant-hf-").FullName;
        Assert.Null(Read(("HF_HOME", home)).Token);
        File.WriteAllText(Path.Combine(home, "token"), "hf_file\n");
        Assert.Equal("hf_file", Read(("HF_HOME", home)).Token);
        Assert.Equal("hf_env", Read(("HF_HOME", home), ("HF_TOKEN", " hf_env ")).Token);
        Assert.Null(Read(("HF_TOKEN", "a\r\nInjected: b"), ("HF_HOME", home)).Token);
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public void Offline_and_endpoint_are_read()
    {
        Assert.True(Read(("HF_HUB_OFFLINE", "1")).Offline);
        Assert.False(Read(("HF_HUB_OFFLINE", "0")).Offline);
        Assert.Equal("https://mirror/hf/", Read(("HF_ENDPOINT", "https://mirror/hf/")).Endpoint);
    }

    [Fact]
    public void Embedded_models_lie_beside_the_program_unless_the_environment_says_where()
    {
        Assert.Equal(Path.Combine(AppContext.BaseDirectory, "models"), Read().Embedded);
        Assert.Equal("/srv/models", Read(("OCTANT_MODELS", "/srv/models")).Embedded);
    }
}
