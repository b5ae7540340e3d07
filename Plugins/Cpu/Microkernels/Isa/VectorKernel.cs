namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>Work along channels or elements that kernels do by whole vectors.</summary>
internal interface IVectorWork
{
    /// <summary>Channels or elements.</summary>
    nint Length { get; }

    /// <summary>Leaves out the first channels or elements.</summary>
    void Skip(nint count);
}

/// <summary>
/// A kernel that takes its work and how much of it to do: whole vectors of one instruction set. It is a pointer, since the compiler of published programs finds pointers, not virtual methods of
/// generic classes.
/// </summary>
/// <param name="operation">Types of the operands and what is done.</param>
/// <param name="pixels">Output pixels of a call; 0 for work without pixels.</param>
/// <param name="lanes">Elements of a vector, a power of two.</param>
/// <param name="kernel">The kernel.</param>
/// <param name="narrower">The kernel for what does not fill a vector; never asked for where a vector is one element.</param>
internal sealed unsafe class VectorKernel<TWork>(string operation, int pixels, int lanes, delegate*<TWork*, nint, void> kernel, Func<VectorKernel<TWork>> narrower)
    where TWork : unmanaged, IVectorWork
{
    private VectorKernel<TWork>? next;

    private VectorKernel<TWork> Narrower => next ??= narrower();

    /// <summary>The kernel's coordinates in an instruction set.</summary>
    public Microkernel Describe(string isa) => new(operation, pixels == 0 ? $"x{lanes}" : $"{pixels}x{lanes}", isa, MicrokernelContract.Vectors(Math.Max(1, pixels), lanes));

    /// <summary>Does the work: whole vectors by this kernel, the rest by narrower ones.</summary>
    public void Run(TWork* work)
    {
        nint length = work->Length;
        nint whole = Whole(length);
        if (whole > 0)
            kernel(work, whole);
        if (whole == length)
            return;
        TWork rest = *work;
        rest.Skip(whole);
        Narrower.Run(&rest);
    }

    /// <summary>Does work that gathers a result in itself.</summary>
    /// <returns>The work after its last part.</returns>
    public TWork Gather(TWork work)
    {
        nint whole = Whole(work.Length);
        if (whole > 0)
        {
            kernel(&work, whole);
            work.Skip(whole);
        }
        return work.Length == 0 ? work : Narrower.Gather(work);
    }

    /// <summary>Does work whose elements may be done twice: the last vector may overlap the one before.</summary>
    public void RunOverlapping(TWork work)
    {
        nint whole = Whole(work.Length);
        if (whole == 0)
        {
            Run(&work);
            return;
        }
        kernel(&work, whole);
        if (whole == work.Length)
            return;
        work.Skip(work.Length - lanes);
        kernel(&work, lanes);
    }

    /// <summary>As much of a length as fills vectors.</summary>
    public nint Whole(nint length) => length & -lanes;
}
