namespace TransformFramework.Cpu.Threading;

public sealed class WorkerPoolTests
{
    private static readonly WorkerPool Pool = new(3);

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(7, 1)]
    [InlineData(7, 3)]
    [InlineData(1000, 2)]
    [InlineData(1000, 64)]
    public void Every_block_runs_once(int blocks, int threads)
    {
        int[] runs = new int[blocks];
        Pool.Run(new Work(block => Interlocked.Increment(ref runs[block])), blocks, threads);
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Jobs_that_follow_each_other_are_not_mixed_up()
    {
        long total = 0;
        long expected = 0;
        for (int job = 1; job <= 5000; job++)
        {
            int value = job;
            int blocks = 1 + (job % 9);
            Pool.Run(new Work(_ => Interlocked.Add(ref total, value)), blocks, 4);
            expected += (long)value * blocks;
            Assert.Equal(expected, Volatile.Read(ref total));
        }
    }

    [Fact]
    public void Workers_that_fell_asleep_are_woken()
    {
        for (int job = 0; job < 3; job++)
        {
            Thread.Sleep(30);
            int runs = 0;
            Pool.Run(new Work(_ => Interlocked.Increment(ref runs)), 100, 4);
            Assert.Equal(100, runs);
        }
    }

    [Fact]
    public void A_block_that_fails_ends_its_job_alone()
    {
        int runs = 0;
        var failing = new Work(block =>
        {
            Interlocked.Increment(ref runs);
            if (block == 5)
                throw new InvalidDataException("block 5");
        });
        Assert.Equal("block 5", Assert.Throws<InvalidDataException>(() => Pool.Run(failing, 50, 4)).Message);
        Assert.Equal(50, runs);
        int after = 0;
        Pool.Run(new Work(_ => Interlocked.Increment(ref after)), 50, 4);
        Assert.Equal(50, after);
    }

    [Fact]
    public void A_job_inside_a_job_runs_on_the_thread_that_brings_it()
    {
        int elsewhere = 0;
        int runs = 0;
        Pool.Run(
            new Work(_ =>
            {
                int thread = Environment.CurrentManagedThreadId;
                Pool.Run(
                    new Work(_ =>
                    {
                        Interlocked.Increment(ref runs);
                        if (Environment.CurrentManagedThreadId != thread)
                            Interlocked.Increment(ref elsewhere);
                    }),
                    10, 4);
            }),
            20, 4);
        Assert.Equal(200, runs);
        Assert.Equal(0, elsewhere);
    }

    [Fact]
    public void Jobs_of_several_threads_at_once_are_all_done()
    {
        long total = 0;
        Thread[] threads = [.. Enumerable.Range(0, 6).Select(_ => new Thread(() =>
        {
            for (int job = 0; job < 300; job++)
                Pool.Run(new Work(_ => Interlocked.Increment(ref total)), 8, 4);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(6 * 300 * 8, total);
    }

    private sealed class Work(Action<int> run) : WorkerPool.Job
    {
        public override void Run(int block) => run(block);
    }
}
