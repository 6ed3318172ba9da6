namespace TinyAI.Boards
{
    /// <summary>
    /// Loops whose bodies are 16 times one operation, written out, with what brings its operands. A test of the gate counts
    /// the operations in the compiled code, so that the probe divides by what is really there.
    /// </summary>
    public partial class OperationLoops
    {
        /// <summary>How often a body holds its operation.</summary>
        public const int Unrolled = 16;
        /// <summary>Number of loops.</summary>
        public const int Count = 33;

        /// <summary>0: see the method of this name.</summary>
        public const int EmptyLoop = 0;
        /// <summary>1: see the method of this name.</summary>
        public const int MoveLoop = 1;
        /// <summary>2: see the method of this name.</summary>
        public const int ConstantLoop = 2;
        /// <summary>3: see the method of this name.</summary>
        public const int AddIntLoop = 3;
        /// <summary>4: see the method of this name.</summary>
        public const int AddLongLoop = 4;
        /// <summary>5: see the method of this name.</summary>
        public const int MulIntLoop = 5;
        /// <summary>6: see the method of this name.</summary>
        public const int MulLongLoop = 6;
        /// <summary>7: see the method of this name.</summary>
        public const int DivIntLoop = 7;
        /// <summary>8: see the method of this name.</summary>
        public const int AndLoop = 8;
        /// <summary>9: see the method of this name.</summary>
        public const int ShiftLoop = 9;
        /// <summary>10: see the method of this name.</summary>
        public const int ToByteLoop = 10;
        /// <summary>11: see the method of this name.</summary>
        public const int ToLongLoop = 11;
        /// <summary>12: see the method of this name.</summary>
        public const int ToIntLoop = 12;
        /// <summary>13: see the method of this name.</summary>
        public const int CompareLoop = 13;
        /// <summary>14: see the method of this name.</summary>
        public const int LoadByteLoop = 14;
        /// <summary>15: see the method of this name.</summary>
        public const int LoadShortLoop = 15;
        /// <summary>16: see the method of this name.</summary>
        public const int LoadIntLoop = 16;
        /// <summary>17: see the method of this name.</summary>
        public const int LoadLongLoop = 17;
        /// <summary>18: see the method of this name.</summary>
        public const int StoreByteLoop = 18;
        /// <summary>19: see the method of this name.</summary>
        public const int StoreIntLoop = 19;
        /// <summary>20: see the method of this name.</summary>
        public const int LengthLoop = 20;
        /// <summary>21: see the method of this name.</summary>
        public const int LoadStaticLoop = 21;
        /// <summary>22: see the method of this name.</summary>
        public const int LoadFieldLoop = 22;
        /// <summary>23: see the method of this name.</summary>
        public const int StoreFieldLoop = 23;
        /// <summary>24: see the method of this name.</summary>
        public const int CallStaticLoop = 24;
        /// <summary>25: see the method of this name.</summary>
        public const int CallInstanceLoop = 25;
        /// <summary>26: see the method of this name.</summary>
        public const int CallVirtualLoop = 26;
        /// <summary>27: see the method of this name.</summary>
        public const int CallInterfaceLoop = 27;
        /// <summary>28: see the method of this name.</summary>
        public const int CallDelegateLoop = 28;
        /// <summary>29: see the method of this name.</summary>
        public const int NewObjectLoop = 29;
        /// <summary>30: see the method of this name.</summary>
        public const int NewArrayLoop = 30;
        /// <summary>31: see the method of this name.</summary>
        public const int ConstantLongLoop = 31;
        /// <summary>32: see the method of this name.</summary>
        public const int CallLocalsLoop = 32;

        private static int s_static = 1;
        private readonly ProbeTarget _target = new ProbeTarget();
        private int _field = 1;
        // What loops make is kept here after them, so that the compiler keeps the stores in them.
        private object _made;

        /// <summary>Goes through a loop so many times.</summary>
        public void Run(int loop, int turns)
        {
            switch (loop)
            {
                case EmptyLoop:
                    Empty(turns);
                    break;
                case MoveLoop:
                    Move(turns);
                    break;
                case ConstantLoop:
                    Constant(turns);
                    break;
                case AddIntLoop:
                    AddInt(turns);
                    break;
                case AddLongLoop:
                    AddLong(turns);
                    break;
                case MulIntLoop:
                    MulInt(turns);
                    break;
                case MulLongLoop:
                    MulLong(turns);
                    break;
                case DivIntLoop:
                    DivInt(turns);
                    break;
                case AndLoop:
                    And(turns);
                    break;
                case ShiftLoop:
                    Shift(turns);
                    break;
                case ToByteLoop:
                    ToByte(turns);
                    break;
                case ToLongLoop:
                    ToLong(turns);
                    break;
                case ToIntLoop:
                    ToInt(turns);
                    break;
                case CompareLoop:
                    Compare(turns);
                    break;
                case LoadByteLoop:
                    LoadByte(turns);
                    break;
                case LoadShortLoop:
                    LoadShort(turns);
                    break;
                case LoadIntLoop:
                    LoadInt(turns);
                    break;
                case LoadLongLoop:
                    LoadLong(turns);
                    break;
                case StoreByteLoop:
                    StoreByte(turns);
                    break;
                case StoreIntLoop:
                    StoreInt(turns);
                    break;
                case LengthLoop:
                    Length(turns);
                    break;
                case LoadStaticLoop:
                    LoadStatic(turns);
                    break;
                case LoadFieldLoop:
                    LoadField(turns);
                    break;
                case StoreFieldLoop:
                    StoreField(turns);
                    break;
                case CallStaticLoop:
                    CallStatic(turns);
                    break;
                case CallInstanceLoop:
                    CallInstance(turns);
                    break;
                case CallVirtualLoop:
                    CallVirtual(turns);
                    break;
                case CallInterfaceLoop:
                    CallInterface(turns);
                    break;
                case CallDelegateLoop:
                    CallDelegate(turns);
                    break;
                case NewObjectLoop:
                    NewObject(turns);
                    break;
                case NewArrayLoop:
                    NewArray(turns);
                    break;
                case ConstantLongLoop:
                    ConstantLong(turns);
                    break;
                case CallLocalsLoop:
                    CallLocals(turns);
                    break;
            }
        }
    }
}
