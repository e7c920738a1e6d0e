// An application outside the solution: it takes Octant as a NuGet package, and the native library that it chooses beside it.
//   dotnet pack src/Octant.Core -o artifacts/packages        (src/Octant.Models and src/Octant likewise)
//   dotnet run --project samples/Package [-- MODEL [MESSAGE]]
using Microsoft.Extensions.AI;
using Octant;

// A folder with config.json and model.safetensors, a .gguf file, org/name; else the small model that comes with the package.
using IChatClient chat = args is [var model, ..] ? OctantChat.Open(model) : OctantChat.Open();
Console.WriteLine(await chat.GetResponseAsync(args.Length > 1 ? args[1] : "Say hello.", new() { MaxOutputTokens = 40 }));
