using System.Diagnostics;
using System.Globalization;
using TransformFramework.Fuzz.Mutation;
using TransformFramework.Fuzz.Targets;

namespace TransformFramework.Fuzz;

/// <summary>Gives readers damaged files: each must be read, or refused by a message, in bounded time and memory.</summary>
internal static class FuzzRun
{
    private const string Usage = "usage: Fuzz [--minutes=N] [--files=N] [--format=NAME] [--seed=N] [--out=FOLDER]";
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);

    public static int Main(string[] arguments)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal) { ["minutes"] = "1", ["files"] = "", ["format"] = "", ["seed"] = "1", ["out"] = "fuzz-failures" };
        foreach (string argument in arguments)
        {
            string[] parts = argument.TrimStart('-').Split('=', 2);
            if (parts.Length != 2 || !options.ContainsKey(parts[0]))
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }
            options[parts[0]] = parts[1];
        }
        FuzzTarget[] targets = [.. FuzzTarget.All.Where(target => options["format"].Length == 0 || target.Name == options["format"])];
        if (targets.Length == 0)
        {
            Console.Error.WriteLine($"there is no format '{options["format"]}'; there are {string.Join(", ", FuzzTarget.All.Select(target => target.Name))}");
            return 2;
        }
        long files = options["files"].Length > 0 ? long.Parse(options["files"], CultureInfo.InvariantCulture) : long.MaxValue;
        double minutes = options["files"].Length > 0 && !Array.Exists(arguments, argument => argument.Contains("minutes", StringComparison.Ordinal)) ? double.MaxValue / 1e9 : double.Parse(options["minutes"], CultureInfo.InvariantCulture);
        int failures = targets.Sum(target => Run(target, files / (files == long.MaxValue ? 1 : targets.Length), minutes / targets.Length, int.Parse(options["seed"], CultureInfo.InvariantCulture), options["out"]));
        return failures == 0 ? 0 : 1;
    }

    private static int Run(FuzzTarget target, long files, double minutes, int seed, string folder)
    {
        var random = new Random(seed);
        var clock = Stopwatch.StartNew();
        long done = 0, recognized = 0, read = 0;
        var failures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var messages = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (done < files && clock.Elapsed.TotalMinutes < minutes)
        {
            var model = Mutator.Mutate(target.Seeds[random.Next(target.Seeds.Count)], target.Seeds, random);
            var one = Stopwatch.StartNew();
            FuzzResult result = target.Read(model);
            if (one.Elapsed > Slow)
                result = result with { Failure = $"took {one.Elapsed.TotalSeconds:0.0} s" };
            done++;
            recognized += result.IsRecognized ? 1 : 0;
            read += result.IsRead ? 1 : 0;
            if (result.DiagnosticId is { } id)
                messages[id] = messages.GetValueOrDefault(id) + 1;
            if (result.Failure is { } failure && failures.TryAdd(failure, ""))
                Save(model, Path.Combine(folder, target.Name, string.Create(CultureInfo.InvariantCulture, $"{seed}-{done}")), failure);
            if (done % 10_000 == 0)
                Console.WriteLine(Line(target, done, recognized, read, failures.Count, clock.Elapsed));
        }
        Console.WriteLine(Line(target, done, recognized, read, failures.Count, clock.Elapsed));
        Console.WriteLine("  refusals: " + string.Join(", ", messages.Select(message => $"{message.Key} {message.Value}")));
        foreach (string failure in failures.Keys)
            Console.WriteLine("  FAILED: " + failure);
        return failures.Count;
    }

    private static string Line(FuzzTarget target, long done, long recognized, long read, int failures, TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{target.Name}: {done} files in {time.TotalSeconds:0} s, {100.0 * recognized / Math.Max(done, 1):0.0} % recognized, {100.0 * read / Math.Max(done, 1):0.0} % read, {failures} kinds of failures");

    private static void Save(Dictionary<string, byte[]> model, string folder, string failure)
    {
        foreach (var (name, content) in model)
        {
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
        File.WriteAllText(Path.Combine(folder, "failure.txt"), failure);
        Console.WriteLine($"  {folder}: {failure.Split('\n')[0]}");
    }
}
