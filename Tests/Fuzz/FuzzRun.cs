using System.Globalization;

namespace TransformFramework.Fuzz;

/// <summary>Gives damaged files to a reader and keeps what is not a clean refusal: another exception, a hang, too much memory.</summary>
/// <param name="target">The format.</param>
/// <param name="folder">Where findings are kept; made when there is one.</param>
internal sealed class FuzzRun(FuzzTarget target, string folder)
{
    /// <summary>Share of the damaged files that must still be recognized.</summary>
    public const double LeastRecognized = 0.3;

    private const int MemoryFactor = 4;
    /// <summary>Time of the processor, so that a machine with much to do finds no more than an idle one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private long recognized;
    private long read;

    /// <summary>Files given so far.</summary>
    public long Files { get; private set; }

    /// <summary>Files that were not refused cleanly.</summary>
    public long Findings { get; private set; }

    /// <summary>Share of the files that were recognized.</summary>
    public double RecognizedShare => Files == 0 ? 1 : (double)recognized / Files;

    /// <summary>Damages a seed and reads it.</summary>
    /// <param name="number">Seed of the random numbers: the same number gives the same file.</param>
    public void Next(int number)
    {
        var random = new Random(number);
        Seed damaged = target.Mutate(target.Seeds[random.Next(target.Seeds.Count)], random);
        Files++;
        KeepCurrent(damaged);
        long before = PeakMemory.Restart();
        using var patience = new CancellationTokenSource();
        Exception? failure = null;
        var thread = new Thread(() => failure = Read(damaged, patience.Token), 1 << 20);
        thread.Start();
        TimeSpan started = Environment.CpuUsage.TotalTime;
        TimeSpan spent = TimeSpan.Zero;
        bool hasEnded = false;
        while (!hasEnded && spent < Patience)
        {
            hasEnded = thread.Join(TimeSpan.FromSeconds(1));
            spent = Environment.CpuUsage.TotalTime - started;
            if (spent > Patience / 4)
                patience.Cancel();
        }
        if (!hasEnded)
        {
            Report(number, damaged, $"no end after {Patience.TotalSeconds} s of the processor");
            Environment.FailFast("a reader hangs; the file is kept");
        }
        long used = PeakMemory.Read() - before;
        if (failure is not null)
            Report(number, damaged, $"{failure.GetType().Name}: {failure.Message}{Environment.NewLine}{(failure.InnerException ?? failure).StackTrace}");
        else if (used > target.MemoryFloor + (MemoryFactor * damaged.Files.Sum(file => (long)file.Bytes.Length)))
            Report(number, damaged, $"{used >> 20} MiB of memory");
    }

    /// <summary>What happened, a line.</summary>
    public string Summary() => string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {Files} files, {recognized} recognized ({100 * RecognizedShare:f1} %), {read} read, {Findings} findings");

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

    /// <summary>Keeps the file that is read now, so that it is there when the process ends in the middle.</summary>
    private void KeepCurrent(Seed damaged)
    {
        string current = Path.Combine(Path.GetTempPath(), $"fuzz-{target.Name}-current");
        File.WriteAllBytes(current, damaged.Files[0].Bytes);
    }

    private void Report(int number, Seed damaged, string what)
    {
        Findings++;
        Directory.CreateDirectory(folder);
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
