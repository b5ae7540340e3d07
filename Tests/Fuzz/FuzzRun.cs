using System.Diagnostics;
using System.Globalization;

namespace TransformFramework.Fuzz;

/// <summary>Gives damaged files to a reader and keeps what is not a clean refusal: another exception, a hang, too much memory.</summary>
/// <param name="target">The format.</param>
/// <param name="folder">Where findings are kept; made when there is one.</param>
/// <param name="endsAtFirst">Whether the first finding ends the run.</param>
internal sealed class FuzzRun(FuzzTarget target, string folder, bool endsAtFirst)
{
    /// <summary>Share of the damaged files that must still be recognized.</summary>
    public const double LeastRecognized = 0.3;

    /// <summary>Small enough that nesting without end is found.</summary>
    private const int StackSize = 1 << 20;

    private const int MemoryFactor = 4;

    /// <summary>Files between two looks at the memory.</summary>
    private const int BlockLength = 256;

    private readonly Seed[] seeds = [.. target.Seeds.OrderBy(seed => seed.Files.Sum(file => file.Bytes.Length))];

    private long files;
    private long recognized;
    private long read;
    private TimeSpan duration;

    /// <summary>Files that were not refused cleanly.</summary>
    public long Findings { get; private set; }

    /// <summary>Share of the files that were recognized.</summary>
    public double RecognizedShare => files == 0 ? 1 : (double)recognized / files;

    /// <summary>Damages seeds and reads them. A number gives the same file in every run.</summary>
    /// <param name="first">Number of the first file.</param>
    /// <param name="most">Most files.</param>
    /// <param name="time">Time after which no further block of files is begun.</param>
    public void Run(int first, long most, TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        using var current = new CurrentNumber(Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"fuzz-{target.Name}-{Environment.ProcessId}.number")));
        using var watchdog = new Watchdog(EndHanging);
        var thread = new Thread(() =>
        {
            while (files < most && !IsOver && Stopwatch.GetElapsedTime(started) < time)
                ReadBlock(unchecked(first + (int)files), (int)Math.Min(BlockLength, most - files), current, watchdog);
        }, StackSize);
        thread.Start();
        thread.Join();
        duration = Stopwatch.GetElapsedTime(started);
    }

    /// <summary>What happened, a line.</summary>
    public string Summary() => string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {files} files, {recognized} recognized ({100 * RecognizedShare:f1} %), {read} read, {Findings} findings, {duration.TotalSeconds:f1} s");

    private bool IsOver => endsAtFirst && Findings > 0;

    private void ReadBlock(int first, int length, CurrentNumber current, Watchdog watchdog)
    {
        long before = PeakMemory.Restart();
        for (int i = 0; i < length && !IsOver; i++)
        {
            int number = unchecked(first + i);
            current.Set(number);
            Seed damaged = Damage(number);
            files++;
            if (Read(damaged, watchdog.Begin(number)) is { } failure)
                Report(number, damaged, $"{failure.GetType().Name}: {failure.Message}{Environment.NewLine}{(failure.InnerException ?? failure).StackTrace}");
        }
        if (!IsOver && PeakMemory.Read() - before > target.MemoryFloor)
            FindLarge(first, length, watchdog);
    }

    /// <summary>Reads the files of a block again, each with a look at the memory.</summary>
    private void FindLarge(int first, int length, Watchdog watchdog)
    {
        var (oldRecognized, oldRead) = (recognized, read);
        for (int i = 0; i < length; i++)
        {
            int number = unchecked(first + i);
            Seed damaged = Damage(number);
            GC.Collect();
            long before = PeakMemory.Restart();
            Read(damaged, watchdog.Begin(number));
            long used = PeakMemory.Read() - before;
            if (used > target.MemoryFloor + (MemoryFactor * damaged.Files.Sum(file => (long)file.Bytes.Length)))
                Report(number, damaged, $"{used >> 20} MiB of memory");
        }
        (recognized, read) = (oldRecognized, oldRead);
    }

    /// <summary>Small seeds are taken more often: they are read faster, and more of them is structure.</summary>
    private Seed Damage(int number)
    {
        var random = new Random(number);
        Seed seed = seeds[Math.Min(random.Next(seeds.Length), random.Next(seeds.Length))];
        return target.Mutate(seed, random);
    }

    private Exception? Read(Seed damaged, CancellationToken cancellation)
    {
        try
        {
            FuzzOutcome outcome = target.Read(damaged, cancellation);
            recognized += outcome == FuzzOutcome.Unrecognized ? 0 : 1;
            read += outcome == FuzzOutcome.Read ? 1 : 0;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private void EndHanging(int number)
    {
        Report(number, Damage(number), $"no end after {Watchdog.Patience.TotalSeconds} s of the processor");
        Environment.FailFast("a reader hangs; the file is kept");
    }

    private void Report(int number, Seed damaged, string what)
    {
        Findings++;
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{target.Name}-{number}-{damaged.Name}"));
        Directory.CreateDirectory(path);
        foreach (var (name, bytes) in damaged.Files)
        {
            string file = Path.Combine(path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
        Console.WriteLine($"{path}: {what}");
    }
}
