using System.Globalization;
using TransformFramework.Fuzz;
using TransformFramework.Fuzz.Processes;
using TransformFramework.Fuzz.Targets;

// Usage: dotnet run --project Tests/Fuzz -- --format=NAME[,NAME…]|all [--minutes=N | --files=N] [--seed=N] [--first]
// Gives readers damaged files and reports whatever is not a clean refusal; such files are kept in the folder fuzz-findings. --first ends a run at its first finding.
// dotnet run --project Tests/Fuzz -- kills --program=PATH [--count=N] [--seed=N]            kills the program while it writes
// dotnet run --project Tests/Fuzz -- growth --program=PATH [--nodes=N] [--shape=chain|fan] [--commands=NAME,…]   measures how commands grow with the graph
// dotnet run --project Tests/Fuzz -- limits|repeat --program=PATH --models=FOLDER [--commands=NAME,…]    runs commands in little memory; or twice, and with 1 and 8 threads
if (args is ["kills", ..])
{
    new KillRun(Option("program", "transform_graph"), new Random(int.Parse(Option("seed", "1"), CultureInfo.InvariantCulture))).Run(int.Parse(Option("count", "1000"), CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["growth", ..])
    return new GrowthRun(Option("program", "transform_graph"), isFan: Option("shape", "chain") == "fan").Run(int.Parse(Option("nodes", "100000"), CultureInfo.InvariantCulture), Commands()) ? 0 : 1;
if (args is ["limits", ..])
    return new LimitRun(Option("program", "transform_graph"), Option("models", ".")).Run(Commands()) ? 0 : 1;
if (args is ["repeat", ..])
    return new RepeatRun(Option("program", "transform_graph"), Option("models", ".")).Run(Commands()) ? 0 : 1;

string format = Option("format", "");
string[] chosen = [.. FuzzTargets.Names.Where(name => format == "all" || format.Split(',').Contains(name))];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"--format=NAME is all or some of {string.Join(',', FuzzTargets.Names)}");
    return 2;
}
double minutes = double.Parse(Option("minutes", "0"), CultureInfo.InvariantCulture) / chosen.Length;
long files = long.Parse(Option("files", minutes > 0 ? long.MaxValue.ToString(CultureInfo.InvariantCulture) : "10000"), CultureInfo.InvariantCulture);
int first = int.Parse(Option("seed", "1"), CultureInfo.InvariantCulture);
bool isSound = true;
foreach (string name in chosen)
{
    var run = new FuzzRun(FuzzTargets.Create(name), "fuzz-findings", args.Contains("--first"));
    run.Run(first, files, minutes > 0 ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue);
    Console.WriteLine(run.Summary());
    isSound &= run.Findings == 0 && run.RecognizedShare >= FuzzRun.LeastRecognized;
}
return isSound ? 0 : 1;

string[] Commands() => Option("commands", "").Split(',', StringSplitOptions.RemoveEmptyEntries);

string Option(string name, string fallback) => args.FirstOrDefault(argument => argument.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..] ?? fallback;
