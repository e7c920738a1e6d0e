// An application outside the solution: it takes Octant as a NuGet package, and the native library that it chooses beside it.
//   dotnet pack src/Octant.Core -o artifacts/packages        (src/Octant.Models and src/Octant likewise)
//   dotnet run --project samples/Package -- MODEL [MESSAGE]
using Microsoft.Extensions.AI;
using Octant;

if (args is not [var model, ..])
{
    Console.WriteLine("Give a model: a folder with config.json and model.safetensors, or a .gguf file.");
    return;
}
using IChatClient chat = OctantChat.Open(model);
Console.WriteLine(await chat.GetResponseAsync(args.Length > 1 ? args[1] : "Say hello.", new() { MaxOutputTokens = 40 }));
