using System.Diagnostics;

namespace TransformFramework.Cpu.Threading;

/// <summary>
/// Threads that share the blocks of one job at a time with the thread that brings it. A worker that runs out of blocks spins for a moment, since the next layer
/// of a network follows at once, and then sleeps until it is woken. A job that comes while another one runs is left to its own thread.
/// </summary>
internal sealed class WorkerPool
{
    private static readonly TimeSpan SpinTime = TimeSpan.FromMilliseconds(1);
    private const int SpinsPerLook = 8;
    private const int LooksPerClock = 64;

    private readonly object bed = new();
    private readonly int workers;

    // The block handed out next in the low half, the number of blocks in the high half: a late worker cannot mix up two jobs.
    private long ticket;
    private Job? job;
    private int generation;
    private int helpers;
    private int sleeping;
    private int busy;
    private int completed;
    private Exception? failure;

    /// <summary>Starts threads that live as long as the process.</summary>
    internal WorkerPool(int workers)
    {
        this.workers = workers;
        for (int i = 0; i < workers; i++)
        {
            int number = i;
            new Thread(() => Serve(number)) { IsBackground = true, Name = $"CPU backend {i + 1}" }.Start();
        }
    }

    /// <summary>One pool for the process, a thread for each processor but one.</summary>
    public static WorkerPool Shared => Instance.Value;

    private static readonly Lazy<WorkerPool> Instance = new(() => new(Environment.ProcessorCount - 1));

    /// <summary>Runs all blocks and returns when they are done.</summary>
    /// <param name="work">What to run; the same object each time, so that nothing is allocated.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="threads">Threads that may take part, this one included.</param>
    public void Run(Job work, int blocks, int threads)
    {
        bool alone = blocks <= 1 || threads <= 1 || workers == 0 || Interlocked.Exchange(ref busy, 1) == 1;
        if (alone)
        {
            for (int block = 0; block < blocks; block++)
                work.Run(block);
            return;
        }
        try
        {
            Share(work, blocks, threads);
        }
        finally
        {
            job = null;
            Volatile.Write(ref busy, 0);
        }
    }

    private void Share(Job work, int blocks, int threads)
    {
        job = work;
        failure = null;
        completed = 0;
        helpers = threads - 1;
        Volatile.Write(ref ticket, (long)blocks << 32);
        Interlocked.Increment(ref generation);
        if (Volatile.Read(ref sleeping) > 0)
            Wake();
        TakeBlocks();
        var spinner = default(SpinWait);
        while (Volatile.Read(ref completed) < blocks)
            spinner.SpinOnce(sleep1Threshold: -1);
        if (failure is { } error)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
    }

    private void TakeBlocks()
    {
        while (true)
        {
            long taken = Interlocked.Increment(ref ticket) - 1;
            int block = (int)taken;
            if (block >= (int)(taken >> 32))
                return;
            try
            {
                job!.Run(block);
            }
            catch (Exception error)
            {
                failure = error;
            }
            Interlocked.Increment(ref completed);
        }
    }

    private void Serve(int number)
    {
        int seen = 0;
        while (true)
        {
            AwaitJob(ref seen);
            if (number < Volatile.Read(ref helpers))
                TakeBlocks();
        }
    }

    private void AwaitJob(ref int seen)
    {
        long start = Stopwatch.GetTimestamp();
        for (int look = 1; Volatile.Read(ref generation) == seen; look++)
        {
            Thread.SpinWait(SpinsPerLook);
            if (look % LooksPerClock != 0 || Stopwatch.GetElapsedTime(start) < SpinTime)
                continue;
            Sleep(seen);
        }
        seen = Volatile.Read(ref generation);
    }

    private void Sleep(int seen)
    {
        lock (bed)
        {
            Interlocked.Increment(ref sleeping);
            while (Volatile.Read(ref generation) == seen)
                Monitor.Wait(bed);
            Interlocked.Decrement(ref sleeping);
        }
    }

    private void Wake()
    {
        lock (bed)
            Monitor.PulseAll(bed);
    }

    /// <summary>Work cut into blocks that may run at the same time, in any order.</summary>
    internal abstract class Job
    {
        public abstract void Run(int block);
    }
}
