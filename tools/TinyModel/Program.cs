// Writes a complete tiny model of random weights, for trying commands and samples where no real one is at hand.
//   dotnet run --project tools/TinyModel -- FOLDER
using Octant.Testing;

using var model = new TinyModel();
Directory.CreateDirectory(args[0]);
foreach (var file in Directory.GetFiles(model.Folder)) File.Copy(file, Path.Combine(args[0], Path.GetFileName(file)), overwrite: true);
