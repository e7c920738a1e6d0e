// How fast a language model learns here: the model's FLOP/s beside what a plain product of the same number type reaches in the same run.
//   dotnet run -c Release --project bench/Training -- [--dtype float32|bfloat16|auto] [--rounds 9]
//                                                     [--one-thread] and its processor time, where others use the machine, too
//                                                     [--peer]       eager PyTorch on the same shape, from python3-torch
//                                                     [--profile]    one step by part
//                                                     [--memory]     the peak beside its formula
// The shape is that of recipes/gpt-10m.yaml. Products and steps take turns; the median of the rounds' ratios is what counts.
using System.Globalization;
using Octant.Models;
using Training;
using static TorchSharp.torch;

string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : otherwise;
var type = NumberType.Named(Option("--dtype", "auto"));
if (args.Contains("--one-thread")) set_num_threads(1);
var rounds = int.Parse(Option("--rounds", "9"), CultureInfo.InvariantCulture);
Console.WriteLine($"{type}, {get_num_threads()} threads, {Machine.Processor}, load {Machine.Load}");

if (args.Contains("--memory")) Footprint.Print(type);
else if (args.Contains("--profile")) StepProfile.Print(type, rounds);
else Throughput.Print(type, rounds, args.Contains("--peer") ? Peer.Start(type) : null);
