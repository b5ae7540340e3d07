using System.Diagnostics;
using System.Globalization;
using TransformFramework.Fuzz;
using TransformFramework.Fuzz.Targets;

// Usage: dotnet run --project Tests/Fuzz -- --format=NAME [--minutes=N | --files=N] [--seed=N]
// Gives readers damaged files and reports whatever is not a clean refusal; such files are kept in the folder fuzz-findings.
FuzzTarget[] targets = [new KerasTarget(), new TfJsTarget(), new SavedModelTarget(isCheckpoint: false), new SavedModelTarget(isCheckpoint: true), new OnnxTarget()];
string format = Option("format", "");
FuzzTarget? target = Array.Find(targets, target => target.Name == format);
if (target is null)
{
    Console.Error.WriteLine($"--format=NAME is one of {string.Join(", ", targets.Select(target => target.Name))}");
    return 2;
}
double minutes = double.Parse(Option("minutes", "0"), CultureInfo.InvariantCulture);
long files = long.Parse(Option("files", minutes > 0 ? long.MaxValue.ToString(CultureInfo.InvariantCulture) : "10000"), CultureInfo.InvariantCulture);
int first = int.Parse(Option("seed", "1"), CultureInfo.InvariantCulture);
var run = new FuzzRun(target, "fuzz-findings");
long started = Stopwatch.GetTimestamp();
while (run.Files < files && (minutes <= 0 || Stopwatch.GetElapsedTime(started).TotalMinutes < minutes))
    run.Next(unchecked(first + (int)run.Files));
Console.WriteLine(run.Summary());
return run.Findings > 0 || run.RecognizedShare < FuzzRun.LeastRecognized ? 1 : 0;

string Option(string name, string fallback) => args.FirstOrDefault(argument => argument.StartsWith($"--{name}=", StringComparison.Ordinal))?[(name.Length + 3)..] ?? fallback;
