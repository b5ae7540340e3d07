using System.Diagnostics;
using System.Globalization;
using TransformFramework.Fuzz;
using TransformFramework.Fuzz.Processes;
using TransformFramework.Fuzz.Targets;

// Usage: dotnet run --project Tests/Fuzz -- --format=NAME|all [--minutes=N | --files=N] [--seed=N]
// Gives readers damaged files and reports whatever is not a clean refusal; such files are kept in the folder fuzz-findings.
// dotnet run --project Tests/Fuzz -- kills --program=PATH [--count=N]    kills the program while it writes
// dotnet run --project Tests/Fuzz -- growth --program=PATH [--nodes=N]   measures how commands grow with the graph
if (args is ["kills", ..])
{
    var (old, complete) = new KillRun(Option("program", "transform_graph"), new Random(1)).Run(int.Parse(Option("count", "1000"), CultureInfo.InvariantCulture));
    Console.WriteLine($"{old + complete} kills: {old} times the old file, {complete} times the new one, nothing else");
    return 0;
}
if (args is ["growth", ..])
    return new GrowthRun(Option("program", "transform_graph")).Run(int.Parse(Option("nodes", "100000"), CultureInfo.InvariantCulture)) ? 0 : 1;

FuzzTarget[] targets =
[
    new KerasTarget(), new TfJsTarget(), new SavedModelTarget(isCheckpoint: false), new SavedModelTarget(isCheckpoint: true), new OnnxTarget(), new TfLiteTarget(),
    new GraphDefTarget(runs: false), new GraphDefTarget(runs: true), new OpTarget(), new TransformTarget(), new ConvertTarget(), new ScriptTarget(), new ArrayTarget(), new ImageTarget(), new WaveTarget(), new RangeTarget(), new SampleTarget(),
];
string format = Option("format", "");
FuzzTarget[] chosen = format == "all" ? targets : [.. targets.Where(target => target.Name == format)];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"--format=NAME is all or one of {string.Join(", ", targets.Select(target => target.Name))}");
    return 2;
}
double minutes = double.Parse(Option("minutes", "0"), CultureInfo.InvariantCulture) / chosen.Length;
long files = long.Parse(Option("files", minutes > 0 ? long.MaxValue.ToString(CultureInfo.InvariantCulture) : "10000"), CultureInfo.InvariantCulture);
int first = int.Parse(Option("seed", "1"), CultureInfo.InvariantCulture);
bool isSound = true;
foreach (FuzzTarget target in chosen)
{
    var run = new FuzzRun(target, "fuzz-findings");
    long started = Stopwatch.GetTimestamp();
    while (run.Files < files && (minutes <= 0 || Stopwatch.GetElapsedTime(started).TotalMinutes < minutes))
        run.Next(unchecked(first + (int)run.Files));
    Console.WriteLine(run.Summary());
    isSound &= run.Findings == 0 && run.RecognizedShare >= FuzzRun.LeastRecognized;
}
return isSound ? 0 : 1;

string Option(string name, string fallback) => args.FirstOrDefault(argument => argument.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..] ?? fallback;
